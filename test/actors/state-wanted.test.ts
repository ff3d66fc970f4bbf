/** What actors take along when they move, and that nothing else is believed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as karn from '../../actors/karn/given.ts';
import { givenAs } from '../../actors/state-wanted.ts';
import * as tezzeret from '../../actors/tezzeret/given.ts';
import { type Desk, evolve } from '../../actors/urza/behaviour.ts';
import * as urza from '../../actors/urza/given.ts';
import { emptyLibrary, stocked } from '../../actors/urza/library.ts';
import { decode, encode } from '../../contracts/index.ts';
import { certificateFor, kernelFor } from './urza/examples.ts';

/** Through the codec that nodes speak. */
const travelled = (state: unknown): unknown => decode(encode(state as Parameters<typeof encode>[0]));

describe('what is taken along', () => {
  it('is all that Karn has learned', () => {
    // Keys are ids of blueprints. One that means something to the language is refused at every door.
    const blueprintIds = fc.string({ minLength: 1 }).filter((id) => id !== '__proto__');
    const memories = fc.record({
      penalties: fc.dictionary(blueprintIds, fc.double({ min: 0, max: 99, noNaN: true })),
      reportEpoch: fc.option(fc.string()),
      barred: fc.uniqueArray(fc.string()).map((ids) => new Set(ids)),
    });
    fc.assert(
      fc.property(memories, (memory) => {
        const given = givenAs(karn.KarnGiven, 'karn', travelled(karn.packed(memory)));
        expect(karn.unpacked(given).barred).toEqual(memory.barred);
        expect(karn.unpacked(given).reportEpoch).toBe(memory.reportEpoch);
        expect(Object.entries(karn.unpacked(given).penalties)).toEqual(Object.entries(memory.penalties));
      }),
    );
  });

  it('is how long a breaker has been open, on whatever clock', () => {
    const given = tezzeret.packed({ failures: 3, openedAtMs: 100 }, 350);

    expect(tezzeret.unpacked(given, 9_000)).toEqual({ failures: 3, openedAtMs: 8_750 });
    expect(tezzeret.unpacked(tezzeret.packed({ failures: 1, openedAtMs: null }, 5), 9)).toEqual({
      failures: 1,
      openedAtMs: null,
    });
  });

  it('is the library that the next shelf lacks, and every open request with the time it has left', () => {
    const empty: Desk = { library: emptyLibrary('e'), requests: new Map() };
    const kernel = kernelFor('a');
    const entry = { kernel, certificate: certificateFor('a') };
    const desk = [
      { kind: 'opened', requestId: 'r', atMs: 100, withinMs: 1_000 } as const,
      { kind: 'shelved', kernel, parents: ['b'] } as const,
      { kind: 'certified', certificate: entry.certificate, engine: 'e' } as const,
      {
        kind: 'ended',
        requestId: 'r',
        blueprintId: 'a',
        outcome: { kind: 'certified', entry, fromShelf: false },
      } as const,
      {
        kind: 'ended',
        requestId: 'r',
        blueprintId: 'c',
        outcome: { kind: 'barred', reasons: ['NO'] },
      } as const,
    ].reduce<Desk>(evolve, empty);
    const given = givenAs(urza.UrzaGiven, 'urza', travelled(urza.packed(desk, 400))) as urza.UrzaGiven;

    expect(stocked(empty.library, urza.additions(given, empty.library))).toEqual(desk.library);
    expect(urza.additions(given, desk.library)).toEqual({ kernels: [], certificates: [], quarantine: [] });
    expect(given.left).toEqual([]);
    expect(urza.reopened(given, 5_000)).toEqual([
      { ...desk.requests.get('r'), openedAtMs: 4_700, dueAtMs: 5_700 },
    ]);
  });

  it('is of more kernels than can travel the newest that fit, all that was measured, and the names of the rest', () => {
    const names = Array.from({ length: 40 }, (_, i) => `k${i}`);
    const desk = names
      .flatMap((id) => [
        { kind: 'shelved', kernel: kernelFor(id), parents: [] } as const,
        { kind: 'certified', certificate: certificateFor(id), engine: 'e' } as const,
      ])
      .reduce<Desk>(evolve, { library: emptyLibrary('e'), requests: new Map() });
    const all = [...desk.library.kernels.keys()];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000 }), (most) => {
        const given = urza.packed(desk, 0, most);
        const travelling = given.kernels.map(({ kernel }) => kernel.kernelId);

        expect(travelling).toEqual(all.filter((id) => travelling.includes(id)));
        expect(given.left).toEqual(all.filter((id) => !travelling.includes(id)));
        expect(given.certificates).toHaveLength(names.length);
        expect(JSON.stringify(given.kernels).length).toBeLessThanOrEqual(most + 100 * names.length);
        expect(urza.missing(given, desk.library)).toEqual([]);
        expect(urza.missing(given, emptyLibrary('e'))).toEqual(given.left);
      }),
    );
    expect(urza.packed(desk, 0).left).toEqual([]);
    expect(urza.packed(desk, 0, 0).kernels).toEqual([]);
  });

  it('is refused when it is anything else', () => {
    const wrong = { penalties: { a: -1 }, reportEpoch: null, barred: [] };

    expect(() => givenAs(karn.KarnGiven, 'karn', wrong)).toThrow(
      expect.objectContaining({
        code: 'UNIT_STATE_INVALID',
        details: { owner: 'karn', path: '/penalties/a' },
      }),
    );
  });
});
