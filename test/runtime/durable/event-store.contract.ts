/** What every event store promises; the same file runs over memory and over the real disk. */
import { describe, expect, it } from 'vitest';
import type { EventRange, EventStore } from '../../../runtime/index.ts';
import { collect } from '../../support/collect.ts';

export interface StoreWorld {
  /** Opens the store again where it was left. */
  open(): Promise<EventStore>;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);

export function eventStoreContract(world: () => Promise<StoreWorld>): void {
  /** A store whose stream `a` holds e1 to e10, with those of `b` in between. */
  const ten = async () => {
    const { open } = await world();
    const store = await open();
    for (let n = 1; n <= 10; n++) {
      await store.append('a', [bytes(`e${n}`)], { expected: n - 1 });
      await store.append('b', [bytes(`other${n}`)], { expected: n - 1 });
    }
    return { open, store };
  };
  const read = async (store: EventStore, range?: EventRange, id = 'a') =>
    (await collect(store.read(id, range))).map(({ revision, bytes }) => `${revision}:${text(bytes)}`);
  const revisions = async (store: EventStore, range?: EventRange) =>
    (await collect(store.read('a', range))).map(({ revision }) => revision);

  describe('events', () => {
    it('come back in order, all of them, also after the store was closed', async () => {
      const { store, open } = await ten();
      const all = Array.from({ length: 10 }, (_, i) => `${i + 1}:e${i + 1}`);

      expect(await read(store)).toEqual(all);
      await store.close();
      const again = await open();
      expect(await read(again)).toEqual(all);
      expect(await again.append('a', [bytes('e11')], { expected: 10 })).toBe(11);
      await again.close();
    });

    it('are read by lower bound, upper bound, both, and number', async () => {
      const { store } = await ten();

      expect(await revisions(store, { from: 8 })).toEqual([8, 9, 10]);
      expect(await revisions(store, { to: 2 })).toEqual([1, 2]);
      expect(await revisions(store, { from: 4, to: 6 })).toEqual([4, 5, 6]);
      expect(await revisions(store, { limit: 3 })).toEqual([1, 2, 3]);
      expect(await revisions(store, { from: 4, limit: 1 })).toEqual([4]);
      expect(await revisions(store, { limit: 0 })).toEqual([]);
      expect(await revisions(store, { from: 6, to: 4 })).toEqual([]);
      expect(await revisions(store, { from: 5, to: 5 })).toEqual([5]);
      expect(await revisions(store, { from: 11 })).toEqual([]);
      await store.close();
    });

    it('of an unknown stream are none', async () => {
      const { store } = await ten();

      expect(await read(store, {}, 'nobody')).toEqual([]);
      expect(await store.highest('nobody')).toBe(0);
      await store.deleteTo('nobody', 5);
      expect(await store.highest('nobody')).toBe(0);
      await store.close();
    });

    it('appended together are kept together, each with its own revision', async () => {
      const { store, open } = await ten();
      expect(await store.append('a', ['x', 'y', 'z'].map(bytes), { expected: 10 })).toBe(13);
      expect(await store.append('a', [], { expected: 13 })).toBe(13);
      await store.close();
      const again = await open();

      expect(await read(again, { from: 12, limit: 1 })).toEqual(['12:y']);
      expect(await read(again, { from: 11 })).toEqual(['11:x', '12:y', '13:z']);
      await again.close();
    });

    it('with a stale revision are refused, and nothing of them is kept', async () => {
      const { store } = await ten();

      for (const expected of [0, 9, 11]) {
        expect(await store.append('a', [bytes('no')], { expected })).toEqual({
          refused: 'EVENTS_STALE',
          details: { id: 'a', expected, newest: 10 },
        });
      }
      expect(await revisions(store)).toHaveLength(10);
      await store.close();
    });

    it('of several writers at once: exactly one wins', async () => {
      const { store } = await ten();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) => store.append('a', [bytes(`writer${i}`)], { expected: 10 })),
      );

      expect(answers.filter((answer) => answer === 11)).toHaveLength(1);
      expect(answers.filter((answer) => typeof answer !== 'number')).toHaveLength(7);
      expect(await read(store, { from: 11 })).toEqual(['11:writer0']);
      await store.close();
    });

    it('are read after every append asked for before', async () => {
      const { store } = await ten();
      const under = store.append('a', [bytes('e11')], { expected: 10 });

      expect(await store.highest('a')).toBe(11);
      expect(await revisions(store, { from: 10 })).toEqual([10, 11]);
      expect(await under).toBe(11);
      await store.close();
    });

    it('take any path as an id, and refuse what is none', async () => {
      const { store, open } = await ten();
      const ids = ['esper/bank/konto 7', '../..', 'Ünïcode', '*', 'x'.repeat(200)];
      for (const id of ids) {
        await store.append(id, [bytes(id)], { expected: 0 });
        await store.snapshots.save(id, { revision: 1, atMs: 1, bytes: bytes(id) });
      }
      await store.close();
      const again = await open();

      for (const id of ids) {
        expect(await read(again, {}, id)).toEqual([`1:${id}`]);
        expect((await again.snapshots.newest(id)).snapshot).toMatchObject({ revision: 1 });
      }
      for (const id of ['', 'x'.repeat(201), '\ud800']) {
        await expect(again.append(id, [bytes('')], { expected: 0 })).rejects.toMatchObject({
          code: 'EVENTS_BAD_ID',
        });
      }
      await again.close();
    });
  });

  describe('deleted events', () => {
    it('are not replayed, and the highest revision survives them', async () => {
      const { store, open } = await ten();
      await store.deleteTo('a', 4);
      expect(await revisions(store)).toEqual([5, 6, 7, 8, 9, 10]);
      await store.close();
      const again = await open();

      expect(await revisions(again)).toEqual([5, 6, 7, 8, 9, 10]);
      expect(await revisions(again, { from: 4 })).toEqual([5, 6, 7, 8, 9, 10]);
      expect(await revisions(again, { to: 3 })).toEqual([]);
      expect(await revisions(again, { to: 4 })).toEqual([]);
      expect(await revisions(again, { from: 2, to: 6 })).toEqual([5, 6]);
      expect(await revisions(again, { limit: 2 })).toEqual([5, 6]);
      expect(await again.highest('a')).toBe(10);
      await again.close();
    });

    it('may be all of them: numbers never start again', async () => {
      const { store, open } = await ten();
      await store.deleteTo('a', Number.MAX_SAFE_INTEGER);
      await store.close();
      const again = await open();

      expect(await revisions(again)).toEqual([]);
      expect(await again.highest('a')).toBe(10);
      expect(await again.append('a', [bytes('e1')], { expected: 0 })).toMatchObject({
        refused: 'EVENTS_STALE',
      });
      expect(await again.append('a', [bytes('e11')], { expected: 10 })).toBe(11);
      expect(await revisions(again)).toEqual([11]);
      await again.close();
    });

    it('are counted from the whole batch: what was appended together may be deleted in part', async () => {
      const { store, open } = await ten();
      await store.append('a', ['x', 'y', 'z'].map(bytes), { expected: 10 });
      await store.deleteTo('a', 12);
      await store.deleteTo('a', 3);
      await store.close();
      const again = await open();

      expect(await read(again)).toEqual(['13:z']);
      await again.close();
    });
  });

  describe('snapshots', () => {
    const three = async () => {
      const { store, open } = await ten();
      for (const revision of [3, 5, 8]) {
        await store.snapshots.save('a', { revision, atMs: revision * 100, bytes: bytes(`s${revision}`) });
      }
      return { store, open, snapshots: store.snapshots };
    };

    it('are found newest first, under a revision, under a time, under both', async () => {
      const { store, snapshots } = await three();
      const found = async (criteria = {}) => (await snapshots.newest('a', criteria)).snapshot?.revision;

      expect((await snapshots.newest('a')).snapshot).toMatchObject({ revision: 8, atMs: 800 });
      expect(text((await snapshots.newest('a')).snapshot?.bytes ?? bytes(''))).toBe('s8');
      expect(await found({ maxRevision: 7 })).toBe(5);
      expect(await found({ maxAtMs: 400 })).toBe(3);
      expect(await found({ maxRevision: 7, maxAtMs: 799 })).toBe(5);
      expect(await found({ minRevision: 9 })).toBeUndefined();
      expect(await found({ maxRevision: 2 })).toBeUndefined();
      expect(await found({ minAtMs: 801 })).toBeUndefined();
      expect((await snapshots.newest('nobody')).snapshot).toBeUndefined();
      await store.close();
    });

    it('survive closing; the same revision again replaces the one before', async () => {
      const { store, snapshots, open } = await three();
      await snapshots.save('a', { revision: 8, atMs: 900, bytes: bytes('better') });
      await store.close();
      const again = await open();
      const { snapshot, damaged } = await again.snapshots.newest('a');

      expect([snapshot?.atMs, text(snapshot?.bytes ?? bytes('')), damaged]).toEqual([900, 'better', 0]);
      expect(await again.snapshots.list('a')).toEqual([3, 5, 8]);
      await again.close();
    });

    it('are deleted one by one, or by what they match; what matches nothing deletes nothing', async () => {
      const { store, snapshots } = await three();
      await snapshots.delete('a', 4);
      await snapshots.deleteMatching('a', { minRevision: 9 });
      expect(await snapshots.list('a')).toEqual([3, 5, 8]);
      await snapshots.delete('a', 5);
      expect(await snapshots.list('a')).toEqual([3, 8]);
      await snapshots.deleteMatching('a', { maxAtMs: 300 });
      expect(await snapshots.list('a')).toEqual([8]);
      await snapshots.deleteMatching('a', {});
      expect(await snapshots.list('a')).toEqual([]);
      await store.close();
    });

    it('may be large', async () => {
      const { store, snapshots } = await three();
      const large = new Uint8Array(8 << 20).map((_, i) => i * 31);
      await snapshots.save('a', { revision: 9, atMs: 1, bytes: large });
      const { snapshot } = await snapshots.newest('a');

      expect(Buffer.compare(snapshot?.bytes ?? bytes(''), large)).toBe(0);
      await store.close();
    });
  });

  describe('states', () => {
    it('are kept, changed and deleted; ids are independent', async () => {
      const { open } = await world();
      const store = await open();
      const { states } = store;
      expect(await states.get('a')).toBeUndefined();
      expect(await states.upsert('a', bytes('one'), { expected: 0 })).toBe(1);
      expect(await states.upsert('b', bytes('other'), { expected: 0 })).toBe(1);
      expect(await states.upsert('a', bytes('two'), { expected: 1 })).toBe(2);
      expect(await states.delete('b', { expected: 1 })).toBe(2);
      await store.close();
      const again = await open();

      expect(await again.states.get('a')).toEqual({ revision: 2, bytes: bytes('two') });
      expect(await again.states.get('b')).toBeUndefined();
      expect(await again.states.upsert('b', bytes('back'), { expected: 2 })).toBe(3);
      expect(await again.states.get('b')).toEqual({ revision: 3, bytes: bytes('back') });
      await again.close();
    });

    it('of a stale revision are refused, upserts and deletions alike', async () => {
      const { open } = await world();
      const store = await open();
      const { states } = store;
      const [first, second] = await Promise.all([
        states.upsert('a', bytes('one'), { expected: 0 }),
        states.upsert('a', bytes('two'), { expected: 0 }),
      ]);

      expect(first).toBe(1);
      expect(second).toEqual({ refused: 'EVENTS_STALE', details: { id: 'a', expected: 0, newest: 1 } });
      expect(await states.delete('a', { expected: 0 })).toMatchObject({ refused: 'EVENTS_STALE' });
      expect(await states.get('a')).toEqual({ revision: 1, bytes: bytes('one') });
      await store.close();
    });
  });
}
