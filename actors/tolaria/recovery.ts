/** A run that was cut off goes once more through what its journal knows, and says so when it has caught up. */
import { RunEvent, RunResumed } from '../../contracts/index.ts';
import type { TolariaArgs } from './deps.ts';
import type { RunState } from './run-state.ts';

export class Recovery {
  /** Boundaries that were run again and matched the journal. */
  #verified = 0;
  #over: boolean;
  readonly #args: TolariaArgs;

  constructor(args: TolariaArgs) {
    this.#args = args;
    this.#over = args.resumed === null;
  }

  /** Takes note of a boundary that was committed, or was found equal to the one in the journal. */
  passed(boundary: number, state: RunState): void {
    if (this.#args.resumed?.expected.has(boundary)) this.#verified += 1;
    this.settle(state);
  }

  /** Writes the record of the recovery as soon as the next boundary is one the journal has not seen. */
  settle({ boundary, step }: RunState): void {
    const { resumed, log, clock, publish, work } = this.#args;
    if (this.#over || resumed === null || boundary <= resumed.lastCommitted) return;
    this.#over = true;
    const record = RunResumed.of({
      fromBoundary: resumed.saved === null ? null : resumed.saved.state.boundary - 1,
      lastCommitted: resumed.lastCommitted < 0 ? null : resumed.lastCommitted,
      verified: this.#verified,
      recoveryMs: Math.max(0, clock.nowMs() - resumed.openedAtMs),
    });
    log.append(record);
    const { fromBoundary, verified, recoveryMs } = record;
    publish(
      RunEvent.of({
        runId: work.runId,
        epoch: Math.floor(step / work.stepsPerEpoch),
        step,
        level: 'notice',
        who: 'tolaria',
        what: 'resumed',
        text: `${fromBoundary === null ? 'starts over' : `goes on from boundary ${fromBoundary}`}: ${verified} run again and equal, ${recoveryMs.toFixed(0)} ms`,
        details: { fromBoundary, verified, recoveryMs },
      }),
    );
  }
}
