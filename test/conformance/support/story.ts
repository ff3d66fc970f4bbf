/** Words the rows are told in: what is done to a tree, and what is then seen of it. */
import type { Ref, TreeNode } from '../../../runtime/index.ts';
import type { World } from '../../runtime/support/world.ts';
import type { ChildMessage, Way } from './child.ts';

/** Children are named as seen from the root: `a`, `inner/b`. */
export const refTo = ({ system }: World, place: string): Ref<ChildMessage> =>
  system.ref<ChildMessage>(`top/${place}`);

/** Lets `place` end by itself and lets its supervisor deal with it. */
export async function ends(world: World, place: string, way: Way): Promise<void> {
  refTo(world, place).send({ type: 'end', way });
  await world.clock.settle();
}

/** `a1 b2`: who lives under the root (or under `place`), and in which incarnation. */
export function lives(world: World, place = ''): string {
  return nodeAt(world, place)
    .children.map(({ id, incarnation, lifecycle }) =>
      lifecycle === 'ready' ? `${id}${incarnation}` : `${id} ${lifecycle}`,
    )
    .join(' ');
}

export function nodeAt({ system }: World, place: string): TreeNode {
  const found = place
    .split('/')
    .filter((id) => id !== '')
    .reduce<TreeNode | undefined>((node, id) => node?.children.find((one) => one.id === id), system.tree());
  if (found === undefined) throw new Error(`nobody at ${place}`);
  return found;
}
