/** The plug pulled between the stop and the start of a restart: by a failure there, and by the end of everything. */
import { describe, expect, it } from 'vitest';
import {
  type ActorSystem,
  accept,
  defineActor,
  pool,
  type Strategy,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import { type CounterMessage, counter } from '../support/counter.ts';
import { worldPorts } from '../support/world.ts';

/** Takes a moment to let go, so that a restart has to wait. */
const slowly = defineActor({
  name: 'slow',
  fresh: () => 0,
  decide: {
    crash: (): never => {
      throw new Error('fell');
    },
    get: () => accept('here'),
  },
  stopped: () => Promise.resolve(),
});

const flags = (strategy: Strategy = 'one_for_one') => ({ strategy, intensity: 5, periodMs: 10_000 });

/** `pull` is called at each restart's middle. */
async function tree(
  child: Parameters<typeof supervisor>[2][number],
  strategy: Strategy,
  pull: (n: number) => void,
) {
  const made = worldPorts();
  let hits = 0;
  const failPoints = {
    hit(point: string) {
      if (point === 'supervisorBetweenStopAndStart') pull(++hits);
    },
  };
  const inner = supervisor('inner', flags(strategy), [child, worker(counter('b'))]);
  const system = await startSystem(supervisor('top', flags(), [inner, worker(counter('c'))]), {
    ...made.ports,
    failPoints,
  });
  return { ...made, system, hits: () => hits };
}

describe('a supervisor that fails between stop and start', () => {
  it.each([
    ['one_for_one', counter('a')],
    ['one_for_all', counter('a')],
    ['one_for_one', { ...slowly, name: 'a' }],
    ['rest_for_one', { ...slowly, name: 'a' }],
  ] as const)('%s: is helped up by its own, and everybody lives', async (strategy, child) => {
    const { system, clock, log } = await tree(worker(child as ReturnType<typeof counter>), strategy, (n) => {
      if (n === 1) throw new Error('the plug was pulled');
    });
    system.ref<CounterMessage>('top/inner/a').send({ type: 'crash' });
    await clock.settle();

    const [inner, c] = system.tree().children;
    expect(inner?.children.map(({ lifecycle }) => lifecycle)).toEqual(['ready', 'ready']);
    expect([inner?.incarnation, c?.incarnation]).toEqual([2, 1]);
    expect(system.ref('top/inner/a').incarnation).toBeGreaterThan(1);
    expect(log.lines.map(({ fields }) => fields?.reason)).toContain('the plug was pulled');
    await system.stop();
    expect(clock.armed).toBe(0);
  });

  it('is helped up when it is a pool', async () => {
    const { system, clock } = await tree(
      pool('a', worker(counter('child')), { intensity: 5, periodMs: 10_000 }),
      'one_for_one',
      (n) => {
        if (n === 1) throw new Error('the plug was pulled');
      },
    );
    await system.pool('top/inner/a').start();
    system.ref<CounterMessage>('top/inner/a/1').send({ type: 'crash' });
    await clock.settle();

    expect(system.tree().children[0]?.children[0]).toMatchObject({ incarnation: 2, lifecycle: 'ready' });
    expect(await system.pool('top/inner/a').start()).toMatchObject({ ref: { path: 'top/inner/a/2' } });
  });
});

it.each(['one_for_one', 'one_for_all'] as const)(
  'a system that ends between stop and start of a %s restart starts nobody any more',
  async (strategy) => {
    const diary: string[] = [];
    let system: ActorSystem | null = null;
    let ending: Promise<void> | undefined;
    const made = await tree(worker(counter('a', diary)), strategy, () => {
      ending = system?.stop();
    });
    system = made.system;
    system.ref<CounterMessage>('top/inner/a').send({ type: 'crash' });
    await made.clock.settle();
    await ending;

    expect(made.hits()).toBe(1);
    expect(diary).toEqual(['a starts', 'a ends (crashed)']);
    expect(await system.done).toMatchObject({ kind: 'shutdown' });
    expect(made.clock.armed).toBe(0);
  },
);
