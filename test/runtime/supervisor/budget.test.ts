/** A node pays for its restarts from one bucket: an empty one makes them wait and never refuses. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ActorDefinition,
  accept,
  type Message,
  pool,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import { RestartBudget } from '../../../runtime/supervisor/budget.ts';
import { worldPorts } from '../support/world.ts';

const falling: ActorDefinition<null, Message> = {
  name: 'falling',
  fresh: () => null,
  decide: {
    fall: (_state, _message, cx) => {
      cx.fail(new Error('it fell'));
      return accept();
    },
  },
};

describe('a restart budget', () => {
  it('never grants more than the burst and what came back since', () => {
    const gaps = fc.array(fc.nat(5_000), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 5 }), (given, burst) => {
        const budget = new RestartBudget({ perMinute: 60, burst });
        const granted: number[] = [];
        let nowMs = 0;
        for (const gap of given) {
          nowMs += gap;
          granted.push(nowMs + budget.take(nowMs));
        }
        granted.forEach((at, i) => {
          const before = granted.slice(0, i + 1).filter((other) => other >= at - 10_000);
          expect(before.length).toBeLessThanOrEqual(burst + 10 + 1);
        });
      }),
    );
  });

  it('delays the restarts of all supervisors together, counts them and says so', async () => {
    const { clock, log, metrics, ports } = worldPorts();
    const flags = { strategy: 'one_for_one', intensity: 9, periodMs: 1_000 } as const;
    const tree = supervisor('top', flags, [
      supervisor('left', flags, [worker(falling)]),
      pool('right', worker(falling), { intensity: 9, periodMs: 1_000 }),
    ]);
    const system = await startSystem(tree, { ...ports, restartBudget: { perMinute: 60, burst: 1 } });
    await system.pool('top/right').start(undefined, { id: 'a' });
    const paths = ['top/left/falling', 'top/right/a'];
    for (const path of paths) system.ref(path).send({ type: 'fall' });
    await clock.settle();
    const incarnations = () => paths.map((path) => system.ref(path).incarnation);

    expect(incarnations()).toEqual([2, 1]);
    expect(metrics.value('esper_restarts_delayed_total')).toBe(1);
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: { supervisor: 'top/right', waitMs: 1_000 } }),
    );
    await clock.advance(1_000);
    expect(incarnations()).toEqual([2, 2]);
    await system.stop();
    expect(clock.armed).toBe(0);
  });
});
