/** What Nissa takes along: all of it, bounded where it arrives, and nothing that is not what it should be. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Brought } from '../../../actors/brought.ts';
import { emptyTrace, evolve, statusOf, type Trace } from '../../../actors/nissa/behaviour.ts';
import { dropped, NissaGiven, packed, unpacked } from '../../../actors/nissa/given.ts';
import type { News } from '../../../actors/nissa/measurements.ts';
import { givenAs } from '../../../actors/state-wanted.ts';
import {
  BoundaryCommitted,
  decode,
  encode,
  FieldReport,
  RunEvent,
  SystemStatePacket,
  TrainingProgress,
} from '../../../contracts/index.ts';
import { arbitraryOf } from '../../support/arbitraries.ts';

const contracts = [RunEvent, FieldReport, TrainingProgress, SystemStatePacket, BoundaryCommitted];
const news = fc.array(
  fc.oneof(...contracts.map((contract) => arbitraryOf(contract).map((said) => said as unknown as News))),
  { maxLength: 30 },
);
const remembering = (kept: number, heard: readonly unknown[]): Trace =>
  (heard as readonly News[]).reduce(evolve, emptyTrace(kept));
const travelled = (trace: Trace) => givenAs(NissaGiven, 'nissa', decode(encode(packed(trace))));

it('all that she remembers and has counted is there on the other side, and what comes next adds to it', () => {
  fc.assert(
    fc.property(news, news, (before, after) => {
      const trace = remembering(500, before);
      const there = unpacked(travelled(trace), 500);

      expect(dropped(trace, packed(trace))).toBe(0);
      expect(statusOf(there, 500)).toEqual(statusOf(trace, 500));
      const goesOn = (from: Trace) => statusOf(after.reduce(evolve, from), 500);
      expect(goesOn(there)).toEqual(goesOn(trace));
    }),
    { numRuns: 40 },
  );
});

it('of more than is kept on the new node the newest stay', () => {
  const reports = fc.sample(arbitraryOf(FieldReport), { numRuns: 9, seed: 3 });
  const given = travelled(remembering(500, reports));

  expect(unpacked(given, 4).reports).toEqual(reports.slice(-4));
  expect(unpacked(given, 0).reports).toEqual([]);
});

it('what she should not have believed stays behind and is counted; the rest goes along', () => {
  const [sound] = fc.sample(arbitraryOf(FieldReport), { numRuns: 1, seed: 3 });
  const trace = remembering(500, [sound, { ...sound, parameters: -1 }, { ...sound, more: true }]);

  expect(travelled(trace).reports).toEqual([sound]);
  expect(dropped(trace, packed(trace))).toBe(2);
});

it('what is none of hers is refused', () => {
  expect(() => givenAs(NissaGiven, 'nissa', { ...packed(emptyTrace(1)), reports: [{}] })).toThrow(
    expect.objectContaining({ code: 'UNIT_STATE_INVALID' }),
  );
});

it('what was brought is for one life, and stays for the next if that one does not understand it', () => {
  const brought = new Brought('what was');
  const fails = () => {
    throw new Error('not a word');
  };
  expect(() => brought.once(fails)).toThrow('not a word');
  expect(brought.once((state) => `${state}!`)).toBe('what was!');
  expect(brought.once((state) => `${state}!`)).toBeUndefined();
});
