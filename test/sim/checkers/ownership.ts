/** Invariant 4: one name, one epoch, one owner who acts; and no write of an old epoch after one of a newer. */
import type { Violation } from '../../../runtime/simulation/index.ts';
import { pick, type SimHistory } from './pick.ts';

export function oneOwner(history: SimHistory): Violation[] {
  const owners = new Map<string, string>();
  return pick(history, 'owner').flatMap(({ node, life, event: { of, epoch, acts } }) => {
    const place = `${of} in epoch ${epoch}`;
    const who = `${node}, life ${life}`;
    const holder = owners.get(place);
    if (!acts) {
      return [];
    }
    owners.set(place, who);
    return holder === undefined || holder === who
      ? []
      : [{ invariant: 'one owner per epoch', message: `${place}: ${holder} and ${who}` }];
  });
}

/** Owners of different epochs must not overlap either: the old one stops before the new one begins. */
export function ownersInTurn(history: SimHistory): Violation[] {
  const acting = new Map<string, { readonly epoch: number; readonly node: string; readonly life: number }>();
  const lives = new Map<string, number>();
  return history.flatMap(({ node, life, event }) => {
    lives.set(node, Math.max(life, lives.get(node) ?? 0));
    if (event.kind !== 'owner') return [];
    const before = acting.get(event.of);
    if (!event.acts) {
      if (before?.node === node && before.life === life) acting.delete(event.of);
      return [];
    }
    acting.set(event.of, { epoch: event.epoch, node, life });
    if (before === undefined || (before.node === node && before.life <= life)) return [];
    const message = `${event.of}: ${node} began while ${before.node} had not ended`;
    return event.epoch > before.epoch ? [] : [{ invariant: 'epochs rise', message }];
  });
}

export function fencedWritesRise(history: SimHistory): Violation[] {
  const newest = new Map<string, number>();
  return pick(history, 'fenced').flatMap(({ event: { resource, epoch } }) => {
    const before = newest.get(resource) ?? 0;
    newest.set(resource, Math.max(before, epoch));
    return epoch >= before
      ? []
      : [{ invariant: 'no write of an old epoch', message: `${resource}: ${epoch} after ${before}` }];
  });
}
