/** What a supervisor can be asked and told while it runs, in OTP's words: which children, how many, start, stop, change. */
import type { Refusal } from '../../contracts/failure.ts';
import type { Checkpoints } from '../actor/checkpoints.ts';
import type { Message, Restart } from '../actor/messages.ts';
import type { Ref } from '../actor/ref.ts';
import type { ChildSpec, PoolSpec, SupervisorSpec, WorkerSpec } from './spec.ts';

/** One place of a supervisor. */
export interface ChildInfo {
  readonly id: string;
  readonly path: string;
  /** `restarting`: it fell and is due to come back. `undefined`: nobody lives there. */
  readonly state: 'running' | 'restarting' | 'undefined';
  /** Null unless it runs. */
  readonly ref: Ref<Message> | null;
  readonly kind: 'worker' | 'supervisor';
  readonly restart: Restart;
  readonly significant: boolean;
}

/** OTP's `count_children`. */
export interface ChildCount {
  /** Places, whoever lives there; in a pool always 1. */
  readonly specs: number;
  /** Children that run; those being restarted do not. */
  readonly active: number;
  readonly supervisors: number;
  readonly workers: number;
}

/** A child was started by hand. */
export interface ChildStarted {
  /** Null when the child ignored its start. */
  readonly ref: Ref<Message> | null;
  /** What `fresh` gave along with `started(state, info)`; else undefined. */
  readonly info: unknown;
}

/** Found when used. Nobody there: every method refuses with SUPERVISOR_GONE, or SUPERVISOR_RESTARTING when it is due to come back. */
export interface SupervisorHandle {
  readonly path: string;
  /** All places in start order. */
  children(): readonly ChildInfo[] | Refusal;
  /** Refuses with SUPERVISOR_CHILD_NOT_FOUND. */
  child(id: string): ChildInfo | Refusal;
  count(): ChildCount | Refusal;
  /** The spec in force. Refuses with SUPERVISOR_CHILD_NOT_FOUND. */
  spec(id: string): ChildSpec | Refusal;
  /**
   * A new place, the last in start order, and its first life. A child that cannot start leaves no place behind.
   * Refuses with SUPERVISOR_CHILD_ALREADY_STARTED, SUPERVISOR_CHILD_ALREADY_PRESENT, SUPERVISOR_CHILD_START_FAILED,
   * REGISTRY_NAME_TAKEN, SPEC_INVALID_...
   */
  start(spec: ChildSpec): Promise<ChildStarted | Refusal>;
  /** Stops the child and keeps its place, unless it is temporary. Twice is once. Refuses with SUPERVISOR_CHILD_NOT_FOUND. */
  terminate(id: string): Promise<Refusal | null>;
  /**
   * Starts a child that was stopped or ended. If it cannot start, its place stays as it was.
   * Refuses with SUPERVISOR_CHILD_RUNNING, SUPERVISOR_CHILD_RESTARTING, SUPERVISOR_CHILD_NOT_FOUND,
   * SUPERVISOR_CHILD_START_FAILED, REGISTRY_NAME_TAKEN
   */
  restart(id: string): Promise<ChildStarted | Refusal>;
  /** Gives up an empty place. Refuses with SUPERVISOR_CHILD_RUNNING, SUPERVISOR_CHILD_RESTARTING, SUPERVISOR_CHILD_NOT_FOUND. */
  delete(id: string): Refusal | null;
  /**
   * Another plan for the tree that runs: flags count at once, new children are added but not started, those no longer in
   * the plan run until they end, changed ones take what is new at their next start. A plan with a mistake changes nothing.
   * Refuses with SPEC_INVALID_...
   */
  change(spec: SupervisorSpec): Refusal | null;
  /** Of the group it keeps. Refuses with ROLLBACK_NO_GROUP. */
  checkpoints(): Checkpoints | Refusal;
}

/** Names one child of a pool. */
export type PoolChild = string | Ref<never>;

/** A pool as its users hold it. Nobody there: every method refuses with SUPERVISOR_GONE or SUPERVISOR_RESTARTING. */
export interface PoolHandle {
  readonly path: string;
  /**
   * One more child, made from the template.
   * @param args instead of the template's, if given; kept for every restart of this child
   * @param options `id`: the last word of its path; default the next number
   * Refuses with SUPERVISOR_POOL_FULL, SUPERVISOR_CHILD_ALREADY_STARTED, SUPERVISOR_CHILD_START_FAILED, REGISTRY_NAME_TAKEN,
   * SPEC_INVALID_ID
   */
  start(args?: unknown, options?: { readonly id?: string }): Promise<ChildStarted | Refusal>;
  /** Ends a child for good; one that has ended already is fine. Refuses with SUPERVISOR_CHILD_NOT_FOUND. */
  terminate(child: PoolChild): Promise<Refusal | null>;
  /** In start order. */
  children(): readonly ChildInfo[] | Refusal;
  count(): ChildCount | Refusal;
  /** The whole spec of one child, its own args included. Refuses with SUPERVISOR_CHILD_NOT_FOUND. */
  spec(child: PoolChild): WorkerSpec | Refusal;
  /** Children of a pool have no place to come back to: refuses with SUPERVISOR_POOL_NO_ADMIN. */
  restart(id: string): Promise<Refusal>;
  /** Refuses with SUPERVISOR_POOL_NO_ADMIN. */
  delete(id: string): Refusal;
  /** Flags count at once, the template from each child's next start on. Refuses with SPEC_INVALID_... */
  change(spec: PoolSpec): Refusal | null;
}
