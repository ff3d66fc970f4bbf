import { describe, expect, it } from 'vitest';
import { oona } from '../../../actors/oona/actor.ts';
import type { BusCounters } from '../../../actors/oona/counters.ts';
import { InProcessBus } from '../../../actors/oona/in-process-bus.ts';
import { BusStateRequested, PublishMessage, randomStream } from '../../../contracts/index.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import { accept, defineActor, startSystem, supervisor, worker } from '../../../runtime/index.ts';

/** Hears `x`; falls over the first time, as a young actor may. */
const listener = (heard: string[]) =>
  defineActor<null, { type: 'x'; v: number }>({
    name: 'listener',
    fresh: () => null,
    decide: {
      x: (_, { type }) => {
        heard.push(type);
        if (heard.length === 1) throw new Error('fell over');
        return accept();
      },
    },
  });

async function open(heard: string[]) {
  const clock = memoryClock();
  const ids = memoryIds();
  const bus = new InProcessBus({ clock, ids });
  const routes = [{ pattern: 'a.>', to: 'esper/listener', how: 'ask' as const, queue: 'listener' }];
  const spec = supervisor('esper', { strategy: 'one_for_one', intensity: 5, periodMs: 1_000 }, [
    worker(oona, { args: { bus, routes, deliverWithinMs: 1_000 } }),
    worker(listener(heard)),
  ]);
  const ports = { clock, ids, log: memoryLog(), metrics: memoryMetrics(), random: randomStream(1) };
  const system = await startSystem(spec, ports);
  const state = () =>
    system.ref('esper/oona').ask<{ counters: BusCounters }>(BusStateRequested.of({}), { withinMs: 100 });
  return { clock, bus, system, state };
}

describe('Oona', () => {
  it('brings a message to the actor its route names, over a crash of the reader', async () => {
    const heard: string[] = [];
    const { clock, system, state } = await open(heard);
    const say = PublishMessage.of({ topic: 'a.b', body: { type: 'x', v: 1 }, priority: 1 });
    await system.ref('esper/oona').ask(say, { withinMs: 100 });
    await clock.advance(5_000);

    expect(heard).toEqual(['x', 'x']);
    expect((await state()).counters).toMatchObject({ published: 1, handled: 1, dead: 0, queued: 0 });
    await system.stop();
  });

  it('hears nothing more when she has stopped', async () => {
    const heard: string[] = [];
    const { clock, bus, system } = await open(heard);
    await system.stop();
    bus.publish('a.b', { type: 'x', v: 1 });
    await clock.advance(5_000);

    expect(heard).toEqual([]);
    expect(bus.counters()).toMatchObject({ published: 0, unheard: 1 });
  });
});
