/** Invariant 1: what was acknowledged is still there whenever anybody looks again. */
import type { Violation } from '../../../runtime/simulation/index.ts';
import { pick, type SimHistory } from './pick.ts';

export function acknowledgedIsDurable(history: SimHistory): Violation[] {
  const safe = new Map<string, Set<string>>();
  const violations: Violation[] = [];
  for (const { event, atMs } of pick(history, 'acknowledged', 'released', 'found')) {
    const known = safe.get(event.store) ?? new Set<string>();
    safe.set(event.store, known);
    if (event.kind === 'acknowledged') {
      known.add(event.id);
      continue;
    }
    if (event.kind === 'released') {
      for (const id of event.ids) known.delete(id);
      continue;
    }
    const there = new Set(event.ids);
    const lost = [...known].filter((id) => !there.has(id));
    if (lost.length === 0) continue;
    const message = `${event.store} lost ${lost.slice(0, 5).join(', ')} of ${known.size}, seen at ${atMs} ms`;
    violations.push({ invariant: 'acknowledged is durable', message });
  }
  return violations;
}
