/** States in pieces: whole again on the other side, or not at all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STATE_PIECE_BYTES, StartOrdered, StateCarried } from '../../../contracts/index.ts';
import { Parcels } from '../../../runtime/placement/parcels.ts';
import { loaded, STATE_BYTES } from '../../../runtime/placement/state-pieces.ts';
import { unit } from './facts.ts';

const large = (bytes: number) => ({ text: 'x'.repeat(bytes), list: [1, null, 'two'] });

/** A state on its way: its pieces, and the order that ends it. */
function journey(state: unknown, order = '1.list.1', name = 'list') {
  const { given, pieces } = loaded(name, { epoch: 4, state });
  const carried = pieces.map((bytes, at) => StateCarried.of({ epoch: 1, order, unit: name, at, bytes }));
  const rest = { epoch: 1, order, spec: unit(name), reportTo: 'n1/esper/steward', giver: 'n1/esper/agent' };
  return { carried, start: StartOrdered.of({ ...rest, given }) };
}

describe('a state', () => {
  it('that fits into a message goes with its order', () => {
    const { carried, start } = journey({ a: 1 });

    expect(carried).toEqual([]);
    expect(new Parcels().whole(start)).toBe(start);
  });

  it('of any size and shape is the same on the other side, however often a piece comes', () => {
    // A key that means something to the language is refused at every door.
    const key = fc.string().filter((name) => name !== '__proto__');
    const anything = fc.object({ key });
    const sizes = fc.integer({ min: 1, max: 4 }).map((pieces) => pieces * STATE_PIECE_BYTES);
    fc.assert(
      fc.property(sizes, fc.integer({ min: -40, max: 40 }), anything, fc.nat(3), (size, off, any, again) => {
        const state = { ...large(size + off), any: JSON.parse(JSON.stringify(any)) };
        const { carried, start } = journey(state);
        const parcels = new Parcels();
        for (const piece of carried)
          for (let time = 0; time <= again; time++) expect(parcels.put(piece, 0)).toBeUndefined();

        expect(carried.every(({ bytes }) => bytes.length <= STATE_PIECE_BYTES)).toBe(true);
        expect(parcels.whole(start)).toEqual({ ...start, given: { epoch: 4, state } });
      }),
      { numRuns: 25 },
    );
  });

  it('that lacks a piece is not believed, and neither is what is behind the gap', () => {
    const { carried, start } = journey(large(3 * STATE_PIECE_BYTES));
    const parcels = new Parcels();
    parcels.put(carried[0] as StateCarried, 0);

    expect(parcels.put(carried[2] as StateCarried, 0)).toMatchObject({ refused: 'PLACEMENT_STATE_BROKEN' });
    expect(parcels.whole(start)).toMatchObject({ refused: 'PLACEMENT_STATE_BROKEN' });
    // What was there is gone: the order that comes next begins with its own first piece.
    expect(parcels.put(carried[1] as StateCarried, 0)).toMatchObject({ refused: 'PLACEMENT_STATE_BROKEN' });
  });

  it('is put together from pieces of its own order only', () => {
    const [older, newer] = [journey(large(300_000), '1.list.1'), journey(large(310_000), '1.list.2')];
    const parcels = new Parcels();
    for (const piece of older.carried) parcels.put(piece, 0);
    parcels.put(newer.carried[0] as StateCarried, 0);

    expect(parcels.put(older.carried[1] as StateCarried, 0)).toHaveProperty('refused');
    for (const piece of newer.carried.slice(1)) expect(parcels.put(piece, 0)).toBeUndefined();
    expect(parcels.whole(newer.start)).toMatchObject({ given: { state: large(310_000) } });
  });

  it('that cannot be read is refused', () => {
    const { carried, start } = journey(large(300_000));
    const parcels = new Parcels();
    for (const { bytes, ...piece } of carried) parcels.put({ ...piece, bytes: bytes.map(() => 0xc1) }, 0);

    expect(parcels.whole(start)).toMatchObject({
      refused: 'PLACEMENT_STATE_BROKEN',
      details: { why: 'CODEC_MALFORMED' },
    });
  });

  it('that is too large does not set out', () => {
    expect(() => loaded('list', { epoch: 1, state: large(STATE_BYTES) })).toThrow(
      expect.objectContaining({ code: 'PLACEMENT_STATE_TOO_LARGE' }),
    );
  });
});

describe('a node that keeps pieces', () => {
  const piece = (name: string, at: number) =>
    StateCarried.of({ epoch: 1, order: 'o', unit: name, at, bytes: new Uint8Array(STATE_PIECE_BYTES) });

  it('keeps no more than two whole states, and has room again when one is forgotten', () => {
    const parcels = new Parcels();
    for (const [nowMs, name] of ['a', 'b'].entries())
      for (let at = 0; at < 256; at++) expect(parcels.put(piece(name, at), nowMs)).toBeUndefined();

    expect(parcels.put(piece('c', 0), 2)).toMatchObject({ refused: 'PLACEMENT_STATE_CROWDED' });
    parcels.dropBefore(1);
    expect(parcels.put(piece('c', 0), 2)).toBeUndefined();
    expect(parcels.put(piece('b', 255), 2)).toBeUndefined();
  });
});
