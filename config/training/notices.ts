/** What the opening of a run tells those who follow it. */
import { RunEvent } from '../../contracts/index.ts';

export const passedOverEvent = (runId: string, file: string, why: string) =>
  RunEvent.of({
    runId,
    epoch: 0,
    step: 0,
    level: 'warning',
    who: 'tolaria',
    what: 'checkpoint_passed_over',
    text: `checkpoint ${file} is passed over, an older one is used: ${why}`,
    details: { file },
  });

export const planEvent = (runId: string, line: string) =>
  RunEvent.of({
    runId,
    epoch: 0,
    step: 0,
    level: 'notice',
    who: 'tolaria',
    what: 'plan_on_tensors',
    text: line,
    details: {},
  });

export const degradedEvent = (runId: string, degraded: boolean, why: string) =>
  RunEvent.of({
    runId,
    epoch: 0,
    step: 0,
    level: degraded ? 'error' : 'notice',
    who: 'tolaria',
    what: degraded ? 'degraded' : 'recovered',
    text: degraded ? `the journal cannot be written, adaptation pauses: ${why}` : why,
    details: {},
  });
