/** Small things that every scenario needs: chance that reads well, waiting, and walking a tree. */
import type { RandomStream } from '../../contracts/random-stream.ts';
import type { Clock, TreeNode } from '../../runtime/index.ts';

export const oneOf = <T>(random: RandomStream, items: readonly T[]): T =>
  items[random.below(items.length)] as T;

export const sleep = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.after(ms, resolve));

export const between = (random: RandomStream, least: number, most: number): number =>
  least + random.below(most - least + 1);

/** Calls `act` again and again, with pauses by lot, for as long as it answers true. */
export function keepDoing(clock: Clock, pauseMs: () => number, act: () => boolean): void {
  const again = () => {
    clock.after(pauseMs(), () => {
      if (act()) again();
    });
  };
  again();
}

/** The node itself and all below it. */
export const allIn = (tree: TreeNode): readonly TreeNode[] => [tree, ...tree.children.flatMap(allIn)];

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'UNEXPECTED';
