/** The power goes at every fail point of a durable bank: no money is lost, and no order that was accepted. */
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../contracts/random-stream.ts';
import { type MemoryDisk, memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryEventStore } from '../../../runtime/adapters/memory/event-store.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { type ActorSystem, type FailPoint, startSystem } from '../../../runtime/index.ts';
import { worldPorts } from '../support/world.ts';
import {
  type Account,
  bankOf,
  OPENING,
  type Order,
  type Orders,
  type TellerMessage,
} from './clearing-house.ts';

const NAMES = ['ada', 'bob', 'cem'];
const PATIENCE = { withinMs: 5_000 };

const POINTS: readonly FailPoint[] = [
  'eventsBeforeAppend',
  'eventsAfterAppendBeforeEvolve',
  'snapshotBeforeWrite',
  'snapshotBeforeRename',
  'snapshotAfterRenameBeforeDirSync',
  'walBeforeAppend',
  'walAfterAppendBeforeSync',
  'walAfterSync',
];

const ORDERS: readonly Order[] = Array.from({ length: 6 }, (_, i) => ({
  id: `order${i}`,
  from: NAMES[i % 3] as string,
  to: NAMES[(i + 1 + (i % 2)) % 3] as string,
  amount: 30 + i * 15,
}));

/** Pulls the plug at the nth time a point is met: nothing reaches the disk from then on. */
function plug(disk: MemoryDisk, point: FailPoint | null, nth: number) {
  let met = 0;
  const state = { pulled: false };
  const hit = (at: FailPoint) => {
    if (at !== point || ++met !== nth) return;
    state.pulled = true;
    disk.fail({ operation: 'change', nth: 1, code: 'DISK_FAILED', lasting: true });
    throw new Error(`the plug was pulled at ${point}`);
  };
  return { state, failPoints: { hit } };
}

let lives = 1;

async function open(disk: MemoryDisk, failPoints: { hit(point: FailPoint): void }) {
  const { ports, clock } = worldPorts();
  const events = await memoryEventStore(disk, { failPoints, processes: memoryProcesses(++lives) });
  const system = await startSystem(bankOf(NAMES), { ...ports, events, failPoints });
  return { clock, system };
}

/** Places the orders until the power goes. Answers with those that were accepted, and whether it went. */
async function day(disk: MemoryDisk, point: FailPoint | null, nth: number) {
  const { state, failPoints } = plug(disk, point, nth);
  const accepted: string[] = [];
  const { clock, system } = await open(disk, failPoints);
  const teller = system.ref<TellerMessage>('bank/teller');
  for (const order of ORDERS) {
    void teller.ask({ type: 'order', ...order }, PATIENCE).then(
      () => accepted.push(order.id),
      () => {},
    );
    if (order.amount % 2 === 0) await clock.settle();
  }
  await clock.settle();
  if (!state.pulled) await clock.advance(2_000);
  await system.stop();
  return { accepted, pulled: state.pulled };
}

async function audit(system: ActorSystem) {
  const orders = await system.ref<TellerMessage>('bank/teller').ask<Orders>({ type: 'orders' }, PATIENCE);
  const balances: Record<string, number> = {};
  for (const name of NAMES) {
    const { balance } = await system.ref(`bank/${name}`).ask<Account>({ type: 'account' }, PATIENCE);
    balances[name] = balance;
  }
  const expected = Object.fromEntries(NAMES.map((name) => [name, OPENING]));
  for (const { from, to, amount, outcome } of Object.values(orders)) {
    if (outcome !== 'done') continue;
    expected[from] = (expected[from] ?? 0) - amount;
    expected[to] = (expected[to] ?? 0) + amount;
  }
  return { orders, balances, expected };
}

describe('a durable bank', () => {
  it('does every order once when nothing goes wrong', async () => {
    const disk = memoryDisk();
    const { accepted } = await day(disk, null, 0);
    const { system } = await open(disk, { hit: () => {} });
    const { orders, balances, expected } = await audit(system);

    expect(accepted).toHaveLength(ORDERS.length);
    expect(new Set(Object.values(orders).map(({ outcome }) => outcome))).toEqual(
      new Set(['done', 'refused']),
    );
    expect(balances).toEqual(expected);
  });

  it.each(POINTS)('loses nothing when the power goes at %s, and again while it recovers', async (point) => {
    let cuts = 0;
    for (let nth = 1; ; nth++) {
      const disk = memoryDisk();
      const { accepted, pulled } = await day(disk, point, nth);
      if (!pulled) break;
      cuts++;
      const random = randomStream(nth);
      disk.crash(random);
      const again = await day(disk, point, 1 + random.below(3)).catch(() => ({ accepted: [], pulled: true }));
      disk.crash(random);

      const { system, clock } = await open(disk, { hit: () => {} });
      await clock.settle();
      const { orders, balances, expected } = await audit(system);
      for (const id of [...accepted, ...again.accepted]) expect(orders[id]?.outcome).toMatch(/done|refused/);
      expect(Object.values(orders).filter(({ outcome }) => outcome === 'open')).toEqual([]);
      expect(balances).toEqual(expected);
      expect(Object.values(balances).reduce((sum, balance) => sum + balance)).toBe(NAMES.length * OPENING);
      await system.stop();
    }
    expect(cuts).toBeGreaterThan(2);
  });
});
