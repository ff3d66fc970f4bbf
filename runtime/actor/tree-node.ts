/** One place of the supervision tree as operators see it: data, ready to print or send. */
import type { Lifecycle, Restart } from './messages.ts';
import type { Vitals } from './pulse.ts';

export interface TreeNode {
  readonly id: string;
  readonly path: string;
  readonly kind: 'worker' | 'supervisor';
  readonly lifecycle: Lifecycle;
  /** 1-based; 0 before the first start. */
  readonly incarnation: number;
  readonly restart: Restart;
  /** Messages waiting. */
  readonly mailbox: number;
  /** Messages handled, all incarnations together. */
  readonly handled: number;
  readonly crashes: number;
  /** How it is getting on; supervisors do no work of their own. */
  readonly vitals?: Vitals;
  /** In start order; a worker's are its dynamic children. */
  readonly children: readonly TreeNode[];
}

/** The actor as it can be seen from outside. */
export interface Visible
  extends Pick<TreeNode, 'id' | 'path' | 'lifecycle' | 'incarnation' | 'restart' | 'crashes'> {
  readonly loop: {
    readonly depth: number;
    readonly handled: number;
    vitals(jobsSinceMs: number | null): Vitals;
  };
}

/** @param jobsSinceMs when the oldest of its jobs began, null without one */
export function nodeOf(actor: Visible, jobsSinceMs: number | null, children: readonly TreeNode[]): TreeNode {
  const { id, path, lifecycle, incarnation, restart, crashes, loop } = actor;
  const { depth: mailbox, handled } = loop;
  const vitals = loop.vitals(jobsSinceMs);
  return {
    id,
    path,
    kind: 'worker',
    lifecycle,
    incarnation,
    restart,
    mailbox,
    handled,
    crashes,
    vitals,
    children,
  };
}
