/** Start in order, stop in reverse, and nobody can hold up the end for longer than agreed. */
import { describe, expect, it } from 'vitest';
import {
  type ActorDefinition,
  accept,
  type Message,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import { counter } from '../support/counter.ts';
import { startWorld, worldPorts } from '../support/world.ts';

const never = () => new Promise<never>(() => {});
const flags = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;

describe('a tree', () => {
  it('starts top to bottom and stops bottom to top', async () => {
    const diary: string[] = [];
    const inner = supervisor('inner', flags, [worker(counter('b', diary)), worker(counter('c', diary))]);
    const { system } = await startWorld([worker(counter('a', diary)), inner, worker(counter('d', diary))]);
    await system.stop('enough');

    expect(diary.map((line) => line.replace(' (shutdown)', ''))).toEqual([
      ...['a starts', 'b starts', 'c starts', 'd starts'],
      ...['d ends', 'c ends', 'b ends', 'a ends'],
    ]);
    expect(await system.done).toEqual({ kind: 'shutdown', why: 'enough' });
  });

  it('that cannot start stops what had started and names the child and the cause', async () => {
    const diary: string[] = [];
    const broken: ActorDefinition<null, Message> = {
      name: 'broken',
      fresh: async () => {
        throw new Error('no disk');
      },
      decide: {},
    };
    const tree = supervisor('top', flags, [
      worker(counter('a', diary)),
      supervisor('deep', flags, [worker(broken)]),
    ]);

    await expect(startSystem(tree, worldPorts().ports)).rejects.toMatchObject({
      code: 'SUPERVISOR_START_FAILED',
      details: { path: 'top/deep' },
      cause: {
        code: 'SUPERVISOR_START_FAILED',
        details: { path: 'top/deep/broken' },
        cause: { message: 'no disk' },
      },
    });
    expect(diary).toEqual(['a starts', 'a ends (shutdown)']);
  });

  it('waits for a handler under way, then stops', async () => {
    const { system, clock } = await startWorld([worker(counter('a'))]);
    const asked = system.ref('top/a').ask({ type: 'slowly' }, { withinMs: 1_000 });
    await Promise.resolve();
    await Promise.all([system.stop(), clock.settle()]);

    expect(await asked).toBe(1);
  });

  it('abandons a child that does not stop in time, and says so', async () => {
    const stubborn: ActorDefinition<null, Message> = {
      name: 'stubborn',
      fresh: () => null,
      decide: { hang: never },
      stopped: never,
    };
    const diary: string[] = [];
    const { system, clock, metrics } = await startWorld([
      worker(counter('a', diary)),
      worker(stubborn, { shutdown: { withinMs: 200 } }),
    ]);
    system.ref('top/stubborn').send({ type: 'hang' });
    await clock.settle();
    const stopped = system.stop();
    await clock.advance(200);
    await stopped;

    expect(diary.at(-1)).toBe('a ends (shutdown)');
    expect(metrics.value('esper_stop_timeouts_total', { actor: 'stubborn' })).toBe(1);
  });

  it('kills without asking where that was agreed', async () => {
    const diary: string[] = [];
    const { system } = await startWorld([worker(counter('a', diary), { shutdown: 'brutal_kill' })]);
    await system.stop();

    expect(diary).toEqual(['a starts']);
  });

  it('answers everybody who still waits', async () => {
    const hung: ActorDefinition<null, Message> = {
      name: 'hung',
      fresh: () => null,
      decide: { hang: never, get: () => accept() },
    };
    const { system, clock } = await startWorld([worker(hung, { shutdown: { withinMs: 10 } })]);
    const ref = system.ref('top/hung');
    ref.send({ type: 'hang' });
    const asked = expect(ref.ask({ type: 'get' }, { withinMs: 60_000 })).rejects.toMatchObject({
      code: 'ACTOR_GONE',
    });
    await clock.settle();
    const stopped = system.stop();
    await clock.advance(10);
    await stopped;

    await asked;
    expect(system.deadLetters.count()).toBe(1);
    expect(clock.armed).toBe(0);
  });
});
