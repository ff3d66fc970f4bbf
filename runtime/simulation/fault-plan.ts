/** Draws from a seed what will go wrong and when, before anything runs: only so can a failing run be shrunk. */
import type { RandomStream } from '../../contracts/random-stream.ts';
import { LEASE_STORE } from '../adapters/memory/broker.ts';
import type { FailPoint } from '../ports/fail-points.ts';
import type { Fault, FaultKind } from './fault.ts';

/** What a scenario lets happen to it. */
export interface FaultProfile {
  /** How often each kind is drawn, relative to the others. */
  readonly weights: Readonly<Partial<Record<FaultKind, number>>>;
  /** Faults in one run at most. */
  readonly most: number;
  /** How often a kind may come in one run; as often as it is drawn unless said. */
  readonly atMost?: Readonly<Partial<Record<FaultKind, number>>>;
  /** Only files whose paths begin so age; all unless said. */
  readonly ageing?: string;
  /** What `disk_error` may strike; everything but reads unless said. */
  readonly operations?: readonly Extract<Fault, { kind: 'disk_error' }>['operation'][];
  /** Names for `poke`. */
  readonly pokes?: readonly string[];
  /** Where `crash_at` may strike. */
  readonly points?: readonly FailPoint[];
}

export interface PlanFrame {
  readonly nodes: readonly string[];
  /** Faults begin within this time, milliseconds. */
  readonly withinMs: number;
}

/** In order of time. The same stream and frame give the same plan. */
export function planFaults(random: RandomStream, profile: FaultProfile, frame: PlanFrame): Fault[] {
  const kinds = Object.entries(profile.weights) as [FaultKind, number][];
  const total = kinds.reduce((sum, [, weight]) => sum + weight, 0);
  if (total === 0) return [];
  const faults: Fault[] = [];
  for (let left = random.below(profile.most + 1); left > 0; left--) {
    let ticket = random.next() * total;
    const [kind] = kinds.find(([, weight]) => {
      ticket -= weight;
      return ticket < 0;
    }) ?? ['crash'];
    const fault = draw(kind, random, profile, frame);
    const before = faults.filter((one) => one.kind === kind).length;
    if (before < (profile.atMost?.[kind] ?? Number.POSITIVE_INFINITY)) faults.push(fault);
  }
  return faults.sort((a, b) => a.atMs - b.atMs);
}

function draw(kind: FaultKind, random: RandomStream, profile: FaultProfile, frame: PlanFrame): Fault {
  const atMs = Math.floor(random.next() * frame.withinMs);
  const one = <T>(of: readonly T[]): T => of[random.below(of.length)] as T;
  /** Mostly short, sometimes long: the third power of chance. */
  const span = (least: number, most: number) => Math.round(least + (most - least) * random.next() ** 3);
  const node = one(frame.nodes);
  switch (kind) {
    case 'crash':
      return { kind, atMs, node, forMs: span(1, 3_000), torn: random.below(4) > 0 };
    case 'kill':
      return { kind, atMs, node, forMs: span(1, 3_000) };
    case 'crash_at':
      return { kind, atMs, node, point: one(profile.points ?? []), nth: span(1, 12), forMs: span(1, 1_000) };
    case 'pause':
      return { kind, atMs, node, forMs: span(20, 12_000) };
    case 'cut':
      return { kind, atMs, node, forMs: span(50, 8_000) };
    case 'slow':
      return { kind, atMs, node, forMs: span(50, 5_000), latencyMs: span(1, 120) };
    case 'disk_slow':
      return { kind, atMs, node, forMs: span(50, 3_000), latencyMs: span(1, 400) };
    case 'disk_full':
      return { kind, atMs, node, forMs: span(50, 3_000), freeBytes: span(0, 2_000) };
    case 'disk_error':
      return {
        kind,
        atMs,
        node,
        operation: one(profile.operations ?? (['write', 'sync', 'change'] as const)),
        nth: span(1, 20),
        wrote: span(0, 60),
      };
    case 'bit_flip':
      return {
        kind,
        atMs,
        node,
        under: profile.ageing ?? '/',
        file: random.next(),
        byte: random.next(),
        bit: random.below(8),
      };
    case 'wall_jump':
      return { kind, atMs, node, byMs: (random.below(2) * 2 - 1) * span(1, 3_600_000) };
    case 'drift':
      return { kind, atMs, node, rate: 1 + (random.next() - 0.5) * 0.02, forMs: span(100, 10_000) };
    case 'partition':
      return {
        kind,
        atMs,
        from: node,
        to: one([LEASE_STORE, ...frame.nodes.filter((name) => name !== node)]),
        oneWay: random.below(3) === 0,
        forMs: span(50, 15_000),
      };
    case 'broker_restart':
      return { kind, atMs, forMs: span(5, 4_000) };
    case 'storm':
      return {
        kind,
        atMs,
        drop: random.next() * 0.4,
        duplicate: random.next() * 0.4,
        delayMs: span(1, 400),
        forMs: span(50, 5_000),
      };
    case 'poke':
      return { kind, atMs, node, what: one(profile.pokes ?? []), by: random.next() };
  }
}
