/** Each invariant as a checker: quiet about a good history, loud about a bad one. */
import { describe, expect, it } from 'vitest';
import { acknowledgedIsDurable } from './checkers/durability.ts';
import { noEffectTwice, twoAttemptsAtMost } from './checkers/effects.ts';
import {
  auditChainHolds,
  auditHash,
  everythingIsBounded,
  noSecretIsLogged,
  sumsAreKept,
} from './checkers/evidence.ts';
import { checkAll } from './checkers/index.ts';
import {
  nothingUnverifiedRuns,
  rollbackIsIdentical,
  seedsKeepToTheirPaths,
  stepsWithoutGap,
} from './checkers/learning.ts';
import { orderPerSender } from './checkers/order.ts';
import { fencedWritesRise, oneOwner, ownersInTurn } from './checkers/ownership.ts';
import type { SimHistory } from './checkers/pick.ts';
import { everyQuestionIsSettledOnce, restartsWithinIntensity } from './checkers/supervision.ts';
import type { AuditEntry, SimEvent } from './events.ts';

/** One event a millisecond, all of life 1 of node `a` unless said. */
const told = (...events: readonly (SimEvent & { readonly on?: string })[]): SimHistory =>
  events.map((event, atMs) => ({ atMs, node: 'a', life: 1, event }));
const of = (node: string, life: number, event: SimEvent) => ({ atMs: life, node, life, event });

const chain = (...what: readonly string[]): AuditEntry[] => {
  const entries: AuditEntry[] = [];
  for (const [i, one] of what.entries()) {
    const entry = { n: i + 1, what: one, previous: entries.at(-1)?.hash ?? '' };
    entries.push({ ...entry, hash: auditHash(entry) });
  }
  return entries;
};
const restart = (clockMs: number): SimEvent => ({
  kind: 'restart',
  supervisor: 's',
  child: 'c',
  intensity: 1,
  periodMs: 100,
  clockMs,
});
const owner = (epoch: number, acts = true): SimEvent => ({ kind: 'owner', of: 'clerk', epoch, acts });

type Case = readonly [
  invariant: string,
  check: (history: SimHistory) => readonly unknown[],
  good: SimHistory,
  bad: SimHistory,
];

const cases: readonly Case[] = [
  [
    'acknowledged is durable',
    acknowledgedIsDurable,
    told(
      { kind: 'acknowledged', store: 's', id: '1' },
      { kind: 'acknowledged', store: 's', id: '2' },
      { kind: 'released', store: 's', ids: ['1'] },
      { kind: 'found', store: 's', ids: ['2', '3'] },
    ),
    told({ kind: 'acknowledged', store: 's', id: '1' }, { kind: 'found', store: 's', ids: ['2'] }),
  ],
  [
    'order per sender',
    orderPerSender,
    told(
      { kind: 'received', by: 'b', from: 'x', n: 1 },
      { kind: 'received', by: 'b', from: 'y', n: 1 },
      { kind: 'received', by: 'b', from: 'x', n: 3 },
    ),
    told({ kind: 'received', by: 'b', from: 'x', n: 2 }, { kind: 'received', by: 'b', from: 'x', n: 2 }),
  ],
  [
    'no effect twice',
    noEffectTwice,
    told({ kind: 'effect', on: 'a', id: '1' }, { kind: 'effect', on: 'b', id: '1' }),
    told({ kind: 'effect', on: 'a', id: '1' }, { kind: 'effect', on: 'a', id: '1' }),
  ],
  [
    'two attempts at most',
    twoAttemptsAtMost,
    told({ kind: 'attempt', id: '1' }, { kind: 'attempt', id: '1' }, { kind: 'attempt', id: '2' }),
    told({ kind: 'attempt', id: '1' }, { kind: 'attempt', id: '1' }, { kind: 'attempt', id: '1' }),
  ],
  [
    'one owner per epoch',
    oneOwner,
    [of('a', 1, owner(1)), of('a', 1, owner(1)), of('b', 1, owner(2))],
    [of('a', 1, owner(1)), of('b', 1, owner(1))],
  ],
  [
    'epochs rise',
    ownersInTurn,
    [of('a', 1, owner(2)), of('a', 1, owner(2, false)), of('b', 1, owner(3))],
    [of('a', 1, owner(2)), of('b', 1, owner(1))],
  ],
  [
    'no write of an old epoch',
    fencedWritesRise,
    told(
      { kind: 'fenced', resource: 'r', epoch: 1 },
      { kind: 'fenced', resource: 'r', epoch: 1 },
      { kind: 'fenced', resource: 'r', epoch: 2 },
    ),
    told({ kind: 'fenced', resource: 'r', epoch: 2 }, { kind: 'fenced', resource: 'r', epoch: 1 }),
  ],
  [
    'restarts within intensity',
    restartsWithinIntensity,
    told(restart(0), restart(101)),
    told(restart(0), restart(50)),
  ],
  [
    'every question is settled once',
    everyQuestionIsSettledOnce,
    told({ kind: 'asked', id: '1', withinMs: 5 }, { kind: 'settled', id: '1', how: 'answered' }),
    told({ kind: 'asked', id: '1', withinMs: 5 }),
  ],
  [
    'seed path',
    seedsKeepToTheirPaths,
    told(
      { kind: 'seed', seed: 's', from: 'UNKNOWN', to: 'DORMANT' },
      { kind: 'seed', seed: 's', from: 'DORMANT', to: 'GERMINATED' },
    ),
    told({ kind: 'seed', seed: 's', from: 'DORMANT', to: 'FOSSILIZED' }),
  ],
  [
    'rollback is identical',
    rollbackIsIdentical,
    told(
      { kind: 'captured', checkpoint: 'c', digest: 'x' },
      { kind: 'rolled_back', checkpoint: 'c', digest: 'x' },
    ),
    told(
      { kind: 'captured', checkpoint: 'c', digest: 'x' },
      { kind: 'rolled_back', checkpoint: 'c', digest: 'y' },
    ),
  ],
  [
    'nothing unverified runs',
    nothingUnverifiedRuns,
    told({ kind: 'executed', kernel: 'k', digest: 'x', expected: 'x' }),
    told({ kind: 'executed', kernel: 'k', digest: 'y', expected: 'x' }),
  ],
  [
    'steps without gap',
    stepsWithoutGap,
    told(
      { kind: 'resumed', run: 'r', n: 0 },
      { kind: 'step', run: 'r', n: 1, loss: 1 },
      { kind: 'step', run: 'r', n: 2, loss: 1 },
      { kind: 'resumed', run: 'r', n: 1 },
      { kind: 'step', run: 'r', n: 2, loss: 1 },
    ),
    told({ kind: 'resumed', run: 'r', n: 0 }, { kind: 'step', run: 'r', n: 2, loss: 1 }),
  ],
  [
    'audit chain holds',
    auditChainHolds,
    told({ kind: 'audit', entries: chain('a') }, { kind: 'audit', entries: chain('a', 'b') }),
    told({ kind: 'audit', entries: chain('a', 'b') }, { kind: 'audit', entries: chain('a', 'c') }),
  ],
  [
    'no secret is logged',
    noSecretIsLogged,
    told({ kind: 'logged', text: 'all is well', secrets: ['sk-1'] }),
    told({ kind: 'logged', text: 'the token sk-1 failed', secrets: ['sk-1'] }),
  ],
  [
    'everything is bounded',
    everythingIsBounded,
    told({ kind: 'size', of: 'm', is: 2, most: 2 }),
    told({ kind: 'size', of: 'm', is: 3, most: 2 }),
  ],
  [
    'sums are kept',
    sumsAreKept,
    told({ kind: 'sum', of: 's', is: 1, should: 1 }),
    told({ kind: 'sum', of: 's', is: 2, should: 1 }),
  ],
];

describe('a checker', () => {
  it.each(cases)('of "%s" has nothing to say about a good history', (_, check, good) => {
    expect(check(good)).toEqual([]);
    expect(checkAll(good)).toEqual([]);
  });

  it.each(cases)('of "%s" names a bad one', (invariant, check, _good, bad) => {
    expect(check(bad)).toEqual([expect.objectContaining({ invariant })]);
    expect(checkAll(bad)).toContainEqual(expect.objectContaining({ invariant }));
  });

  it.each([
    [
      'a loss that is no number',
      [
        { kind: 'resumed', run: 'r', n: 0 },
        { kind: 'step', run: 'r', n: 1, loss: Number.NaN },
      ],
    ],
    ['a resume beyond what was reached', [{ kind: 'resumed', run: 'r', n: 5 }]],
  ] as const)('of steps names %s', (_, events) => {
    expect(stepsWithoutGap(told(...events))).toHaveLength(1);
  });

  it.each([
    ['changed', (entries: AuditEntry[]) => entries.map((one, i) => (i === 0 ? { ...one, what: 'x' } : one))],
    ['taken out', (entries: AuditEntry[]) => entries.slice(1)],
  ] as const)('of the audit chain notices an entry that was %s', (_, spoil) => {
    expect(auditChainHolds(told({ kind: 'audit', entries: spoil(chain('a', 'b')) }))).toHaveLength(1);
  });

  it('of questions asks nothing of a life that was cut short', () => {
    const question: SimEvent = { kind: 'asked', id: '1', withinMs: 5 };
    expect(everyQuestionIsSettledOnce([of('a', 1, question), of('a', 2, restart(1))])).toEqual([]);
  });

  it('of questions names an answer that came too late', () => {
    const late = [
      { atMs: 0, node: 'a', life: 1, event: { kind: 'asked', id: '1', withinMs: 5 } },
      { atMs: 60, node: 'a', life: 1, event: { kind: 'settled', id: '1', how: 'answered' } },
    ] as const;
    expect(everyQuestionIsSettledOnce(late)).toHaveLength(1);
    expect(everyQuestionIsSettledOnce(late, 100)).toEqual([]);
  });
});
