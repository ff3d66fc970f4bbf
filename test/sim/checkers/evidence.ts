/** Invariants 10 to 12: the audit chain holds, no secret is told, nothing grows without bound; and sums are kept. */
import { createHash } from 'node:crypto';
import type { Violation } from '../../../runtime/simulation/index.ts';
import type { AuditEntry } from '../events.ts';
import { pick, type SimHistory } from './pick.ts';

export const auditHash = (entry: Omit<AuditEntry, 'hash'>): string =>
  createHash('sha256').update(`${entry.n}\n${entry.what}\n${entry.previous}`).digest('hex');

/** The first entry's `previous` is empty; a later look at the log begins with the same entries as an earlier one. */
export function auditChainHolds(history: SimHistory): Violation[] {
  let seen: readonly AuditEntry[] = [];
  return pick(history, 'audit').flatMap(({ event: { entries } }) => {
    const broken = (why: string) => [{ invariant: 'audit chain holds', message: why }];
    for (const [i, entry] of entries.entries()) {
      const previous = entries[i - 1]?.hash ?? '';
      if (entry.n !== i + 1 || entry.previous !== previous) return broken(`entry ${i + 1} is out of place`);
      if (entry.hash !== auditHash(entry)) return broken(`entry ${i + 1} was changed`);
    }
    const rewritten = seen.findIndex(({ hash }, i) => entries[i]?.hash !== hash);
    if (rewritten >= 0) return broken(`entry ${rewritten + 1} is gone or another one now`);
    seen = entries;
    return [];
  });
}

export function noSecretIsLogged(history: SimHistory): Violation[] {
  return pick(history, 'logged').flatMap(({ event: { text, secrets } }) =>
    secrets.some((secret) => text.includes(secret))
      ? [{ invariant: 'no secret is logged', message: `a line of ${text.length} characters holds one` }]
      : [],
  );
}

export function everythingIsBounded(history: SimHistory): Violation[] {
  return pick(history, 'size')
    .filter(({ event: { is, most } }) => is > most)
    .map(({ event }) => ({
      invariant: 'everything is bounded',
      message: `${event.of}: ${event.is}, more than ${event.most}`,
    }));
}

export function sumsAreKept(history: SimHistory): Violation[] {
  return pick(history, 'sum')
    .filter(({ event: { is, should } }) => is !== should)
    .map(({ event }) => ({
      invariant: 'sums are kept',
      message: `${event.of}: ${event.is}, not ${event.should}`,
    }));
}
