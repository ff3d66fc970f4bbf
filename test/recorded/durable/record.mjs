/**
 * Records what a durable ledger of a given version writes, for every later one to read: `node test/recorded/durable/record.mjs ledger-v1`.
 * Each version is kept here as its program was. A recording is made once, by the build of its time, and never again.
 */
import { writeFile } from 'node:fs/promises';
import { randomStream } from '../../../dist/contracts/random-stream.js';
import { memoryClock } from '../../../dist/runtime/adapters/memory/clock.js';
import { memoryDisk } from '../../../dist/runtime/adapters/memory/disk.js';
import { memoryEventStore } from '../../../dist/runtime/adapters/memory/event-store.js';
import { memoryIds } from '../../../dist/runtime/adapters/memory/ids.js';
import { memoryLog } from '../../../dist/runtime/adapters/memory/log.js';
import { memoryMetrics } from '../../../dist/runtime/adapters/memory/metrics.js';
import { accept, startSystem, supervisor, worker } from '../../../dist/runtime/index.js';

const versions = {
  /** Whole coins, and no snapshots yet. */
  'ledger-v1': {
    durable: { version: 1 },
    fresh: () => ({ sum: 0, entries: 0 }),
    events: (coins) => [{ put: coins }],
    evolve: ({ sum, entries }, { put }) => ({ sum: sum + put, entries: entries + 1 }),
  },
  /** Cents, a fee of its own, snapshots, and old events let go. */
  'ledger-v2': {
    durable: { version: 2, snapshotEvery: 7, keep: { events: 'since_snapshot' } },
    fresh: () => ({ cents: 0, entries: 0 }),
    events: (coins) => [{ deposit: coins * 100 }, { deposit: -coins }],
    evolve: ({ cents, entries }, { deposit }) => ({ cents: cents + deposit, entries: entries + 1 }),
  },
  /** Every movement has a reason. */
  'ledger-v3': {
    durable: { version: 3, snapshotEvery: 10 },
    fresh: () => ({ cents: 0, entries: 0, reasons: [] }),
    events: (coins) => [
      { moved: coins * 100, reason: 'deposit' },
      { moved: -coins, reason: 'fee' },
    ],
    evolve: ({ cents, entries, reasons }, { moved, reason }) => ({
      cents: cents + moved,
      entries: entries + 1,
      reasons: reasons.includes(reason) ? reasons : [...reasons, reason],
    }),
  },
};

const [name] = process.argv.slice(2);
const { events, ...rest } = versions[name];
const ledger = {
  name: 'ledger',
  ...rest,
  decide: {
    put: (_state, { coins }) => accept('done', ...events(coins)),
    state: (state) => accept(state),
  },
};

const disk = memoryDisk();
const store = await memoryEventStore(disk, { segmentBytes: 1024 });
const clock = memoryClock();
const ports = {
  clock,
  ids: memoryIds(),
  log: memoryLog(),
  metrics: memoryMetrics(),
  random: randomStream(1),
};
const spec = supervisor('top', { strategy: 'one_for_one', intensity: 1, periodMs: 1000 }, [worker(ledger)]);
const system = await startSystem(spec, { ...ports, events: store });
const ref = system.ref('top/ledger');
for (let coins = 1; coins <= 25; coins++) {
  await ref.ask({ type: 'put', coins }, { withinMs: 1000 });
  await clock.settle();
}
const state = await ref.ask({ type: 'state' }, { withinMs: 1000 });
const revision = await store.highest('top/ledger');
await system.stop();
await store.close();

const files = {};
for (const [path, bytes] of disk.dump()) {
  const room = bytes.findLastIndex((byte) => byte !== 0) + 1;
  const kept = path.endsWith('.wal') ? bytes.subarray(0, room) : bytes;
  files[path] = Buffer.from(kept).toString('base64');
}
const recording = JSON.stringify({ files, state, revision }, null, 2);
await writeFile(new URL(`${name}.json`, import.meta.url), `${recording}\n`, { flag: 'wx' });
