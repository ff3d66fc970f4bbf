/** Who is stuck: at work for long, and no further than before. */
import type { TreeNode } from './tree-node.ts';

export interface StalledActor {
  readonly path: string;
  /** Milliseconds at work without a break. */
  readonly busyMs: number;
  /** Milliseconds since it was last seen to get further. */
  readonly quietMs: number;
  /** Messages waiting meanwhile. */
  readonly mailbox: number;
}

/** @param nowMs on the clock of the tree's times */
export function stalledIn(tree: TreeNode, forMs: number, nowMs: number): readonly StalledActor[] {
  const below = tree.children.flatMap((child) => stalledIn(child, forMs, nowMs));
  const { path, mailbox, vitals } = tree;
  if (vitals === undefined) return below;
  const { busyMs, progress } = vitals;
  const quietMs = nowMs - progress.atMs;
  return busyMs >= forMs && quietMs >= forMs ? [{ path, busyMs, quietMs, mailbox }, ...below] : below;
}
