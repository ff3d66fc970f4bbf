import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cancel,
  outcomeOf,
  pause,
  sleep,
  spawn,
  type Task,
  type TaskBody,
  type TaskOptions,
} from '../../../runtime/tasks/index.ts';
import { type Op, referenceTrace } from './reference.ts';
import { openWorkshop } from './workshop.ts';

const programs = fc.array(
  fc.letrec<{ ops: Op[]; op: Op }>((tie) => ({
    ops: fc.array(tie('op'), { maxLength: 6 }),
    op: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 4, arbitrary: fc.constant<Op>({ do: 'pause' }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('sleep' as const), ms: fc.nat(4) }) },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('join' as const),
          which: fc.nat(12),
          withinMs: fc.option(fc.integer({ min: 1, max: 4 })),
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(12) }) },
      { weight: 1, arbitrary: fc.constant<Op>({ do: 'throw' }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('spawn' as const),
          ops: tie('ops'),
          detached: fc.boolean(),
        }),
      },
    ),
  })).ops,
  { minLength: 1, maxLength: 5 },
);

/** The same program on the real scheduler. */
async function trace(all: readonly (readonly Op[])[], options: TaskOptions): Promise<readonly string[]> {
  const shop = await openWorkshop({ sampleMs: 1_000_000, ...options });
  const lines: string[] = [];
  const tasks: Task[] = [];
  const pick = (which: number) => tasks[which % tasks.length] as Task;
  const bodyOf = (ops: readonly Op[]): TaskBody<void> =>
    function* (self) {
      const id = self.id - 1;
      try {
        for (const [at, op] of ops.entries()) {
          lines.push(`${id}:${at}`);
          if (op.do === 'throw') throw new Error('told to');
          if (op.do === 'pause') yield pause();
          if (op.do === 'sleep') yield sleep(op.ms);
          if (op.do === 'cancel') yield* cancel(pick(op.which));
          if (op.do === 'spawn') tasks.push(yield* spawn(bodyOf(op.ops), { detached: op.detached }));
          if (op.do !== 'join') continue;
          const wait = op.withinMs === null ? undefined : { withinMs: op.withinMs };
          const { kind } = yield* outcomeOf(pick(op.which), wait as { withinMs: number });
          lines.push(`${id} heard ${kind}`);
        }
      } finally {
        lines.push(`${id} out`);
      }
    };
  await shop.inside((scheduler) => {
    for (const ops of all) tasks.push(scheduler.spawn(bodyOf(ops)));
  });
  await shop.clock.advance(1_000);
  const told = [...lines, ...tasks.map(({ id, outcome }) => `${id - 1} ${outcome?.kind ?? 'waits'}`)];
  await shop.system.stop();
  return told;
}

describe('the scheduler', () => {
  it('does what the simplest one does, step for step', async () => {
    await fc.assert(
      fc.asyncProperty(programs, fc.integer({ min: 1, max: 9 }), async (all, turnSteps) => {
        expect(await trace(all, { turnSteps })).toEqual(referenceTrace(all));
      }),
      { numRuns: 200 },
    );
  });

  it('does the same again, whatever the size of its turns', async () => {
    await fc.assert(
      fc.asyncProperty(programs, async (all) => {
        const once = await trace(all, { turnSteps: 1, turnMs: 0 });

        expect(await trace(all, {})).toEqual(once);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves nothing behind, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(programs, fc.nat(8), async (all, atMs) => {
        const [open, closed] = [new Set<number>(), new Set<number>()];
        const shop = await openWorkshop({ turnSteps: 2 });
        const bodyOf = (ops: readonly Op[]): TaskBody<void> =>
          function* ({ id }) {
            open.add(id);
            try {
              for (const op of ops) {
                if (op.do === 'spawn') yield* spawn(bodyOf(op.ops), { detached: op.detached });
                else if (op.do === 'sleep') yield sleep(op.ms);
                else yield pause();
              }
              yield sleep(5);
            } finally {
              closed.add(id);
            }
          };
        await shop.inside((tasks) => {
          for (const ops of all) tasks.spawn(bodyOf(ops));
        });
        await shop.clock.advance(atMs);
        await shop.system.stop();

        expect(closed).toEqual(open);
        expect(shop.clock.armed).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
