/** The state arena: whoever reads it sees what one write left, however writes and reads fall together. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ArenaCopy,
  ArenaReader,
  type ArenaState,
  RUN_READINGS,
  SEED_READINGS,
  StateArena,
} from '../../nn/index.ts';

const ROWS = 5;

/** Makes every number of the state `value`: a copy that holds two different ones is torn. */
function paint(state: ArenaState, value: number): void {
  for (const name of SEED_READINGS) state[name].fill(value);
  state.run.fill(value, RUN_READINGS.step);
  state.seed.fill(value);
  state.stage.fill(value);
}

const valuesOf = ({ state }: ArenaCopy) =>
  new Set([
    ...SEED_READINGS.flatMap((name) => [...state[name]]),
    ...state.run.subarray(RUN_READINGS.step),
    ...state.seed,
    ...state.stage,
  ]);

/** Memory in which a copy takes time: after each of the given numbers of bytes, somebody else has a turn. */
class SlowBytes extends Uint8Array {
  cuts: readonly number[] = [];
  turn: () => void = () => {};

  override set(source: Uint8Array): void {
    let from = 0;
    for (const cut of this.cuts.map((share) => Math.floor(share * source.length)).toSorted((a, b) => a - b)) {
      super.set(source.subarray(from, cut), from);
      from = cut;
      this.turn();
    }
    super.set(source.subarray(from), from);
  }
}

const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('the state of a run', () => {
  it('is read as it was written', () => {
    const arena = new StateArena(3);
    const reader = new ArenaReader(arena.buffer);
    const copy = reader.copy();
    arena.write(2, (state) => {
      state.seed.set([7, 12]);
      state.stage.set([3, 4]);
      state.alpha.set([0, 0.1]);
      state.health.set([Number.NaN, 0.9]);
      state.run[RUN_READINGS.loss] = 0.25;
    });

    expect(reader.read(copy)).toBe(true);
    expect(copy.seeds).toBe(2);
    expect([...copy.state.seed.subarray(0, 2)]).toEqual([7, 12]);
    expect([...copy.state.stage.subarray(0, 2)]).toEqual([3, 4]);
    expect(copy.state.alpha[1]).toBe(0.1);
    expect(copy.state.health[0]).toBeNaN();
    expect(copy.state.run[RUN_READINGS.loss]).toBe(0.25);
  });

  it('is never seen in the middle of a write', () => {
    const arena = new StateArena(ROWS);
    const reader = new ArenaReader(arena.buffer);
    const copy = reader.copy();
    const seen: boolean[] = [];
    arena.write(ROWS, (state) => {
      seen.push(reader.read(copy));
      paint(state, 1);
      seen.push(reader.read(copy));
    });

    expect(seen).toEqual([false, false]);
    expect(reader.read(copy)).toBe(true);
    expect(valuesOf(copy)).toEqual(new Set([1]));
  });

  it('is whole or refused, wherever writes fall into a read', () => {
    let [torn, whole] = [0, 0];
    fc.assert(
      fc.property(
        fc.array(share, { maxLength: 4 }),
        fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 20 }),
        (cuts, turns) => {
          const arena = new StateArena(ROWS);
          const reader = new ArenaReader(arena.buffer);
          const bytes = new SlowBytes(reader.copy().bytes.length);
          const copy = new ArenaCopy(ROWS, bytes);
          let written = 0;
          const write = () => arena.write(ROWS, (state) => paint(state, ++written));
          let turn = 0;
          let disturbed = false;
          bytes.cuts = cuts;
          bytes.turn = () => {
            const writes = turns[turn++] ?? 0;
            for (let i = 0; i < writes; i++) write();
            disturbed ||= writes > 0;
          };
          write();
          const read = reader.read(copy);

          if (disturbed) torn += 1;
          if (!read) return;
          whole += 1;
          expect(valuesOf(copy)).toEqual(new Set([written]));
        },
      ),
      { numRuns: 300 },
    );
    expect(Math.min(torn, whole)).toBeGreaterThan(20); // the adversary was at work, and readers got through
  });

  it('gives up on a writer that never rests, and gets over one that failed', () => {
    const arena = new StateArena(ROWS);
    const reader = new ArenaReader(arena.buffer);
    const bytes = new SlowBytes(reader.copy().bytes.length);
    const copy = new ArenaCopy(ROWS, bytes);
    bytes.cuts = [0.5];
    bytes.turn = () => arena.write(ROWS, (state) => paint(state, 3));

    expect(reader.read(copy)).toBe(false);
    expect(() =>
      arena.write(1, () => {
        throw new Error('a reading that is none');
      }),
    ).toThrow('none');
    expect(reader.read(reader.copy())).toBe(true);
  });

  it('has rows for so many seeds and no more', () => {
    const arena = new StateArena(2);

    expect(() => arena.write(3, () => {})).toThrow(expect.objectContaining({ code: 'NN_ARENA_FULL' }));
    expect(new ArenaReader(arena.buffer).read(new ArenaReader(arena.buffer).copy())).toBe(true);
  });

  it('is not looked for in memory that is something else', () => {
    const { buffer } = new StateArena(2);
    const later = new SharedArrayBuffer(buffer.byteLength);
    new Uint8Array(later).set(new Uint8Array(buffer));
    new Int32Array(later, 0, 1)[0] = 2;

    for (const wrong of [new SharedArrayBuffer(0), new SharedArrayBuffer(4096), later]) {
      expect(() => new ArenaReader(wrong)).toThrow(expect.objectContaining({ code: 'NN_ARENA_FOREIGN' }));
    }
  });

  it('of a thousand seeds takes less than two megabytes', () => {
    expect(new StateArena(1_000).buffer.byteLength).toBeLessThan(2 * 2 ** 20);
  });
});
