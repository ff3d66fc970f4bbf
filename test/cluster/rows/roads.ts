/** Faults of what travels: late, stalled, doubled, overtaken. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BadRoad, openProxy } from '../proxy.ts';
import { nowMs } from '../real-life.ts';
import type { Yard } from '../yard.ts';
import type { Row, RowWorld } from './row.ts';

/** A cluster whose every word passes a bad road. */
async function behindProxy(world: RowWorld): Promise<{ yard: Yard; proxy: BadRoad }> {
  let proxy: BadRoad | null = null;
  const yard = await world.open({
    via: async ({ port }) => {
      let state = 12_345;
      const random = () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return state / 2 ** 32;
      };
      proxy = await openProxy(port, random);
      return proxy.url;
    },
  });
  if (proxy === null) throw new Error('the proxy was not asked for');
  return { yard, proxy };
}

/** Milliseconds from question to answer of the orders asked since then, sorted. */
function latencies(yard: Yard, fromMs: number): number[] {
  const asked = new Map<string, number>();
  const all: number[] = [];
  for (const { event, atMs } of yard.notes()) {
    if (event.kind === 'asked' && atMs >= fromMs) asked.set(event.id, atMs);
    const since = event.kind === 'settled' && event.how === 'yes' ? asked.get(event.id) : undefined;
    if (since !== undefined) all.push(atMs - since);
  }
  return all.sort((a, b) => a - b);
}

const quantile = (sorted: readonly number[], q: number) =>
  sorted[Math.floor(sorted.length * q)] ?? Number.NaN;

export const late: Row = {
  id: 'F17',
  title: 'delay, jitter and stalls',
  async play(world) {
    const { yard, proxy } = await behindProxy(world);
    yard.load();
    await sleep(2_000);
    const lastMs = world.long ? 60_000 : 6_000;
    let flaps = 0;
    for (const road of [
      { delayMs: 5, stallRate: 0.01, stallMs: 200 },
      { delayMs: 50, stallRate: 0.05, stallMs: 200 },
      { delayMs: 500, stallRate: 0.01, stallMs: 800 },
    ]) {
      proxy.set(road);
      const fromMs = nowMs();
      await sleep(lastMs);
      const took = latencies(yard, fromMs);
      const changes = yard.heard.filter(
        ({ news }) => news.is === 'peer' && news.atMs > fromMs + 1_000,
      ).length;
      flaps = Math.max(flaps, (changes * 60_000) / lastMs / 6);
      // Four legs there and back, each may stall, and a lost turn is asked again.
      const bound = 8 * road.delayMs + 4 * road.stallMs + 500;
      const p99 = quantile(took, 0.99);
      world.within(`${road.delayMs} ms and ${100 * road.stallRate} % stalls: p99`, p99, bound);
      world.say(`${road.delayMs} ms: p50 ${quantile(took, 0.5).toFixed(0)} ms, ${took.length} answers`);
    }
    proxy.set({});
    await sleep(2_000);
    const wrong = await yard.verdict();
    await proxy.close();
    world.expect('nodes do not flap', flaps <= 2, `${flaps.toFixed(1)} changes a minute and pair at most`);
    world.expect(
      'nothing acknowledged is lost, nothing done twice',
      wrong.length === 0,
      wrong.join('; ') || 'nothing',
    );
    world.say(`${proxy.stalled} stalls`);
  },
};

/** Letters between nodes: what the sessions have to put right. JetStream's own answers stay as they are. */
const letters = (subject: string) => subject.startsWith('esper.');

export const doubledMessages: Row = {
  id: 'F18',
  title: 'every tenth message comes twice',
  play: (world) => mixed(world, { doubleEach: 10, concerns: letters }, (proxy) => `${proxy.doubled} doubled`),
};

export const overtaken: Row = {
  id: 'F19',
  title: 'messages overtake each other within eight',
  play: (world) => mixed(world, { shuffle: 8, concerns: letters }, (proxy) => `${proxy.shuffled} moved`),
};

async function mixed(world: RowWorld, road: Parameters<BadRoad['set']>[0], told: (proxy: BadRoad) => string) {
  const { yard, proxy } = await behindProxy(world);
  await sleep(1_500);
  proxy.set(road);
  yard.load();
  await sleep(world.long ? 60_000 : 10_000);
  await yard.rest();
  proxy.set({});
  await sleep(3_000);
  const received = yard.notes().filter(({ event }) => event.kind === 'received').length;
  const wrong = await yard.verdict();
  await proxy.close();
  world.expect('the road was bad', proxy.doubled + proxy.shuffled > 50, told(proxy));
  world.expect(
    'each in order, once',
    wrong.length === 0,
    wrong.join('; ') || `${received} letters, ${yard.acknowledged} orders`,
  );
}
