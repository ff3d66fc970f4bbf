/** What an event store writes can be read again, whatever it is; what it did not write is told apart. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeStreamRecord,
  encodeStreamRecord,
  packEvents,
  unpackEvents,
} from '../../../runtime/durable/event-records.ts';
import { decodeSnapshot, encodeSnapshot } from '../../../runtime/durable/snapshot-file.ts';
import { splitVersion, upcast, withVersion } from '../../../runtime/durable/versioned.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
const revision = fc.nat({ max: Number.MAX_SAFE_INTEGER });

describe('the records of an event store', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), revision, fc.array(bytes), (id, at, events) => {
        const record = decodeStreamRecord(7, encodeStreamRecord(id, at, packEvents(events)));
        expect({ id: record.id, at: record.revision }).toEqual({ id, at });
        expect(unpackEvents(7, record.rest).map((event) => [...event])).toEqual(
          events.map((event) => [...event]),
        );
      }),
    );
  });

  it('of any other kind are refused with a code, or are harmless', () => {
    fc.assert(
      fc.property(bytes, (noise) => {
        try {
          unpackEvents(7, decodeStreamRecord(7, noise).rest);
        } catch (error) {
          expect(error).toMatchObject({ code: 'EVENTS_CORRUPT', details: { sequence: 7 } });
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('hold snapshots that come back whole, or not at all', () => {
    fc.assert(
      fc.property(bytes, revision, fc.nat(), fc.nat(), (state, at, atMs, where) => {
        const file = encodeSnapshot({ revision: at, atMs, bytes: state });
        expect(decodeSnapshot(file, at)).toEqual({ revision: at, atMs, bytes: state });
        expect(decodeSnapshot(file, at + 1)).toBeUndefined();
        expect(decodeSnapshot(file.subarray(0, where % file.length), at)).toBeUndefined();
      }),
    );
  });

  it('say which version wrote them, and are brought to today one step at a time', () => {
    const steps = { 1: (n: number) => n + 10, 2: (n: number) => n * 2 };
    fc.assert(
      fc.property(fc.nat(), bytes, (version, content) => {
        const split = splitVersion(withVersion(version, content));
        expect([split.version, [...split.bytes]]).toEqual([version, [...content]]);
      }),
    );

    expect([upcast(1, 1, 3, steps), upcast(1, 2, 3, steps), upcast(1, 3, 3, steps)]).toEqual([22, 2, 1]);
    expect(() => upcast(1, 1, 4, steps)).toThrow(
      expect.objectContaining({ code: 'DURABLE_NO_UPCAST', details: { from: 3, to: 4 } }),
    );
  });
});
