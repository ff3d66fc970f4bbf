/** What all actors of one system share. */
import type { RandomStream } from '../../contracts/random-stream.ts';
import type { Maybe } from '../maybe.ts';
import type { Clock } from '../ports/clock.ts';
import type { FailPoints } from '../ports/fail-points.ts';
import type { Ids } from '../ports/ids.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { SpillStore } from '../ports/spill.ts';
import type { Tracing } from '../ports/tracing.ts';
import type { Registry } from '../registry.ts';
import type { RestartBudget } from '../supervisor/budget.ts';
import type { Stewards } from '../supervisor/stewards.ts';
import type { DynamicOptions, DynamicSupervisor } from './behaviour.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Deadlines } from './deadlines.ts';
import type { Durability } from './diary.ts';
import type { Dispatch } from './dispatcher.ts';
import type { Patience } from './overseer.ts';
import type { TreeNode } from './tree-node.ts';

/** A dynamic supervisor as its parent cell holds it. */
export interface Brood extends DynamicSupervisor {
  /** Stops all children, newest first. */
  end(why: string, patience: Patience): Maybe<void>;
  snapshot(): readonly TreeNode[];
}

/** Which node this system is, and in which of its lives: a node that comes back has a higher epoch. */
export interface NodeIdentity {
  readonly name: string;
  /** 1-based. */
  readonly epoch: number;
}

export interface Kernel {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly random: RandomStream;
  readonly registry: Registry;
  readonly dispatcher: Dispatch;
  readonly node: NodeIdentity;
  readonly failPoints: FailPoints | null;
  /** Null: nobody follows messages. */
  readonly tracing: Tracing | null;
  /** Null: no mailbox may spill. */
  readonly spills: SpillStore | null;
  /** Keeps the events of durable actors. */
  readonly durability: Durability;
  readonly deadlines: Deadlines;
  readonly deadLetters: DeadLetters;
  /** Supervisors and pools by path. */
  readonly stewards: Stewards;
  /** Null: restarts cost nothing but the time they take. */
  readonly restartBudget: RestartBudget | null;
  /** Makes the dynamic supervisor of the cell at `path`; `failed` hears of what its options threw. */
  brood(path: string, options: DynamicOptions, failed: (error: Error) => void): Brood;
}
