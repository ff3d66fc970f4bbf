/** What a node tells whoever started it: who is there, what runs where, and how the run goes. */
import type { RunEvent, TrainingProgress } from '../../contracts/index.ts';
import type { PeerState } from '../../runtime/index.ts';
import type { RunSummary } from '../runner.ts';

type Told =
  | { readonly what: 'joined'; readonly epoch: number; readonly protocol: string; readonly nats: string }
  | { readonly what: 'peer'; readonly peer: string; readonly state: PeerState; readonly code?: string }
  | { readonly what: 'unit'; readonly unit: string; readonly state: UnitState; readonly epoch: number }
  | { readonly what: 'run_began'; readonly runId: string; readonly folder: string; readonly resumed: boolean }
  | { readonly what: 'progress'; readonly progress: TrainingProgress }
  | { readonly what: 'event'; readonly event: RunEvent }
  | { readonly what: 'run_ended'; readonly summary: RunSummary }
  | { readonly what: 'failed'; readonly code: string; readonly text: string; readonly hint: string }
  | { readonly what: 'left'; readonly why: string };

/** `starting`: its threads come up; `running`: it takes messages; `gone`: it is not here any more. */
export type UnitState = 'starting' | 'running' | 'gone';

export type ClusterNews = Told;

/** As one line of JSON between a node and whoever started it. */
export type NodeNews = Told & {
  readonly kind: 'NodeNews';
  readonly node: string;
  /** UTC milliseconds of the machine it is on. */
  readonly atMs: number;
};
