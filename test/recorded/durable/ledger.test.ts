/** Ledgers that earlier versions wrote: today's program comes to the state that theirs had, every time. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryEventStore } from '../../../runtime/adapters/memory/event-store.ts';
import {
  type ActorDefinition,
  accept,
  type EventStore,
  type Recovery,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import { worldPorts } from '../../runtime/support/world.ts';

interface Recording {
  /** Path of each file, and its bytes in base64. */
  readonly files: Readonly<Record<string, string>>;
  /** As the program that wrote it saw it. */
  readonly state: { readonly sum?: number; readonly cents?: number; readonly entries: number };
  readonly revision: number;
}

interface Ledger {
  readonly cents: number;
  readonly entries: number;
  readonly reasons: readonly string[];
}

type Moved = { readonly moved: number; readonly reason: string };
type LedgerMessage = { readonly type: 'state' } | { readonly type: 'move'; readonly cents: number };

function today(tell: (recovery: Recovery) => void): ActorDefinition<Ledger, LedgerMessage, Moved> {
  return {
    name: 'ledger',
    durable: {
      version: 3,
      snapshotEvery: 10,
      upcasts: {
        1: ({ put }: { put: number }) => ({ deposit: put * 100 }),
        2: ({ deposit }: { deposit: number }) => ({
          moved: deposit,
          reason: deposit < 0 ? 'fee' : 'deposit',
        }),
      },
      stateUpcasts: {
        2: ({ cents, entries }: Ledger) => ({ cents, entries, reasons: ['deposit', 'fee'] }),
      },
    },
    fresh: () => ({ cents: 0, entries: 0, reasons: [] }),
    recovered: (_state, _cx, recovery) => tell(recovery),
    decide: {
      state: (state) => accept(state),
      move: (_state, { cents }) => accept('done', { moved: cents, reason: 'today' }),
    },
    evolve: ({ cents, entries, reasons }, { moved, reason }) => ({
      cents: cents + moved,
      entries: entries + 1,
      reasons: reasons.includes(reason) ? reasons : [...reasons, reason],
    }),
  };
}

const root = new URL('./', import.meta.url);
const names = readdirSync(root)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''));

function recorded(name: string) {
  const recording = JSON.parse(readFileSync(new URL(`${name}.json`, root), 'utf8')) as Recording;
  const disk = memoryDisk();
  for (const [path, text] of Object.entries(recording.files))
    disk.put(path, new Uint8Array(Buffer.from(text, 'base64')));
  return { ...recording, disk };
}

async function replayed(events: EventStore) {
  const found: Recovery[] = [];
  const spec = supervisor('top', { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 }, [
    worker(today((recovery) => found.push(recovery))),
  ]);
  const system = await startSystem(spec, { ...worldPorts().ports, events });
  const ask = <R>(message: LedgerMessage) =>
    system.ref<LedgerMessage>('top/ledger').ask<R>(message, { withinMs: 1_000 });
  return { system, ask, state: await ask<Ledger>({ type: 'state' }), recovery: found[0] };
}

describe('a recorded ledger', () => {
  it('exists for every version there was', () => {
    expect(names).toEqual(['ledger-v1', 'ledger-v2', 'ledger-v3']);
  });

  it.each(names)('%s comes back as it was, twice, and goes on', async (name) => {
    const { disk, state, revision } = recorded(name);
    const events = await memoryEventStore(disk, { segmentBytes: 1 << 10 });
    const first = await replayed(events);
    await first.system.stop();
    const second = await replayed(events);

    expect(first.state).toMatchObject({
      cents: state.cents ?? (state.sum ?? 0) * 100,
      entries: state.entries,
    });
    expect(second.state).toEqual(first.state);
    expect(await events.highest('top/ledger')).toBe(revision);
    expect(await second.ask({ type: 'move', cents: 5 })).toBe('done');
    expect(await second.ask({ type: 'state' })).toMatchObject({ cents: first.state.cents + 5 });
  });

  it('of version 1 is told event by event; of version 2 from its snapshot', async () => {
    const first = await replayed(await memoryEventStore(recorded('ledger-v1').disk));
    const second = await replayed(await memoryEventStore(recorded('ledger-v2').disk));

    expect(first.recovery).toMatchObject({ snapshot: 0, events: 25, migrated: 25 });
    expect(second.recovery?.snapshot).toBeGreaterThan(0);
    expect(second.recovery?.migrated).toBe((second.recovery?.events ?? 0) + 1);
  });

  it('comes to the same state with and without its snapshots', async () => {
    const { disk } = recorded('ledger-v3');
    const events = await memoryEventStore(disk);
    const quick = await replayed(events);
    await quick.system.stop();
    await events.snapshots.deleteMatching('top/ledger', {});
    const slow = await replayed(events);

    expect(quick.recovery?.snapshot).toBeGreaterThan(0);
    expect(slow.recovery).toMatchObject({ snapshot: 0, events: 50 });
    expect(slow.state).toEqual(quick.state);
  });
});
