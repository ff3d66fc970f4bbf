/** What operators read about a supervisor: always the same fields, never a novel. */
import { describe, expect, it } from 'vitest';
import { type ActorDefinition, accept, type Message, worker } from '../../../runtime/index.ts';
import { startWorld } from '../support/world.ts';

const FIELDS = ['child', 'code', 'context', 'reason', 'report', 'supervisor'];
const verbose: ActorDefinition<null, Message> = {
  name: 'verbose',
  fresh: () => null,
  decide: {
    fall: (_state, _message, cx) => {
      cx.fail(new Error(`first line\n  second line ${'x'.repeat(10_000)}`));
      return accept();
    },
  },
};

async function story() {
  const { system, clock, log } = await startWorld([worker(verbose)], { intensity: 1 });
  for (let i = 0; i < 2; i++) {
    system.ref('top/verbose').send({ type: 'fall' });
    await clock.settle();
  }
  await system.done;
  return log.lines.filter(({ fields }) => 'report' in fields).map(({ fields }) => fields);
}

describe('reports', () => {
  it('tell of a start, falls, a restart and the end, in order', async () => {
    const told = (await story()).map(({ report, context, code }) => [report, context, code]);

    expect(told).toEqual([
      ['progress', 'start', 'STARTED'],
      ['crash', 'child_terminated', 'UNEXPECTED'],
      ['progress', 'restart', 'STARTED'],
      ['crash', 'child_terminated', 'UNEXPECTED'],
      ['shutdown', 'shutdown', 'SUPERVISOR_GAVE_UP'],
    ]);
  });

  it('have the same fields each, and a reason of one line that is never long', async () => {
    for (const { error: _, ...fields } of await story()) {
      expect(Object.keys(fields).toSorted()).toEqual(FIELDS);
      expect(String(fields.reason).length).toBeLessThanOrEqual(512);
      expect(fields.reason).not.toContain('\n');
    }
  });
});
