/** What is counted of what a bounded log lets go, whatever broker keeps it. */
import { expect, it } from 'vitest';
import { LossWatch } from '../../../actors/oona/loss-watch.ts';
import { durableName } from '../../../actors/oona/subjects.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import type { Streams } from '../../../runtime/index.ts';
import type { StreamsWorld } from '../../runtime/ports/streams.contract.ts';

const EVERY_MS = 10_000;

/** A watch that looks when it is told to. */
export function watched(streams: Streams, stream: string) {
  let fire: (() => void) | null = null;
  const clock = {
    after(_: number, then: () => void) {
      fire = then;
      return () => {
        fire = null;
      };
    },
  };
  const [log, metrics] = [memoryLog(), memoryMetrics()];
  const watch = new LossWatch({ streams, stream, clock, log, metrics, everyMs: EVERY_MS });
  return {
    watch,
    log,
    metrics,
    /** @param until lets time pass until something holds */
    async look(until: StreamsWorld['until']) {
      const now = fire;
      fire = null;
      now?.();
      await until(() => fire !== null, 'the next look');
    },
  };
}

export function lossesContract(start: () => Promise<StreamsWorld>): void {
  const made = async (maxMessages: number) => {
    const world = await start();
    const { name, one, other, during, until } = world;
    await during(one.ensure({ name, subjects: [`${name}.>`], keeps: 'log', maxMessages }));
    let said = 0;
    const say = async (topic: string, count: number) => {
      for (let n = 0; n < count; n++)
        await during(one.publish(`${name}.${topic}`, new Uint8Array(8), { id: `${++said}` }));
    };
    const { watch, log, metrics, look } = watched(one, name);
    /** A queue on one topic that takes so many and does nothing with them. */
    const queue = async (queueName: string, topic: string, atOnce: number) => {
      const durable = durableName(queueName, topic, 2);
      let taken = 0;
      const spec = { durable, filter: `${name}.${topic}`, settleMs: 60_000, atOnce };
      const consuming = await during(other.consume(name, spec, () => void taken++));
      const reads = (count: number) => until(() => taken === count, `${queueName} has ${count}`);
      return { durable, reads, stop: () => during(consuming.stop(0)) };
    };
    return { ...world, say, queue, watch, log, metrics, look: () => look(until) };
  };

  it('says nothing while all that went had been handed out', async () => {
    const { say, queue, watch, log, look, end } = await made(5);
    const { reads } = await queue('urza', 'a', 100);
    for (let round = 1; round <= 4; round++) {
      await say('a', 4);
      await reads(4 * round);
      await say('b', 4);
      await look();
    }
    expect([watch.counts, log.lines]).toEqual([{}, []]);
    await end();
  });

  it('counts what a queue that nobody has joined will never hear, and no other topic', async () => {
    const { say, queue, watch, log, metrics, look, end } = await made(10);
    await (await queue('urza', 'a', 1)).stop();
    const karn = await queue('karn', 'b', 100);
    await say('a', 6);
    await look();
    await say('b', 7);
    await karn.reads(7);
    await look();
    expect(watch.counts).toEqual({ urza: 3 });
    await say('b', 8);
    await karn.reads(15);
    await look();
    await look();

    expect(watch.counts).toEqual({ urza: 6 });
    expect(metrics.value('oona_lost_total', { queue: 'urza' })).toBe(6);
    expect(log.lines.map(({ level, fields }) => [level, fields.code, fields.queue, fields.count])).toEqual([
      ['error', 'OONA_OUTRUN', 'urza', 3],
      ['error', 'OONA_OUTRUN', 'urza', 3],
    ]);
    await end();
  });

  it('counts what goes while some is read and more comes', async () => {
    const { say, queue, watch, look, end } = await made(10);
    await say('a', 4);
    const { reads } = await queue('urza', 'a', 2);
    await reads(2);
    await look();
    await say('a', 6);
    await look();
    await say('a', 6);
    await look();

    expect(watch.counts).toEqual({ urza: 4 });
    await end();
  });

  it('begins anew with a queue that was made anew, and goes on after an outage', async () => {
    const { say, queue, watch, look, one, name, during, pass, down, up, end } = await made(4);
    const urza = await queue('urza', 'a', 1);
    await urza.stop();
    await say('a', 4);
    await look();
    await during(one.forget(name, urza.durable));
    await pass(600);
    await (await queue('urza', 'a', 1)).stop();
    await say('b', 4);
    await look();
    expect(watch.counts).toEqual({});
    await say('a', 4);
    await look();
    await down();
    await look();
    await up();
    await say('b', 3);
    await look();

    expect(watch.counts).toEqual({ urza: 3 });
    await end();
  });
}
