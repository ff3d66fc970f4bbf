/** What Tamiyo remembers between boundaries: plain data, part of every checkpoint, never a tensor. */
import type { RandomState } from '../../contracts/index.ts';

export interface TamiyoMemory {
  /** Validation losses at the newest regular boundaries, oldest first, bounded. */
  readonly losses: readonly number[];
  /** Growth may begin: the host has once been calm. Latched, never unset. */
  readonly stabilised: boolean;
  /** Tick of the newest germination; null before the first. */
  readonly lastGermination: number | null;
  /** Penalty per blueprint: +2 at each cull, halved at every tick; skipped at 3 and above. */
  readonly penalties: Readonly<Record<string, number>>;
  readonly quarantined: readonly string[];
  /** Fossils per blueprint family: the diversity quota reads it. */
  readonly fossils: Readonly<Record<string, number>>;
  readonly decisions: number;
  readonly random: RandomState;
}

export function freshMemory(random: RandomState): TamiyoMemory {
  return {
    losses: [],
    stabilised: false,
    lastGermination: null,
    penalties: {},
    quarantined: [],
    fossils: {},
    decisions: 0,
    random,
  };
}
