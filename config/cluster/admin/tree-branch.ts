/** A supervision tree as those who command see it: small enough to cross the network, and in their words. */
import type { TreeBranch } from '../../../contracts/index.ts';
import type { ActorSystem } from '../../../runtime/index.ts';

type TreeNode = ReturnType<ActorSystem['tree']>;

/** Branches of one actor that are told; a pool may have many more. */
const MOST_CHILDREN = 64;

export function branchOf({
  id,
  lifecycle,
  incarnation,
  crashes,
  mailbox,
  handled,
  children,
}: TreeNode): TreeBranch {
  const told = children.slice(0, MOST_CHILDREN).map(branchOf);
  const more = children.length - told.length;
  const facts = [
    mailbox > 0 ? `${mailbox} waiting` : '',
    handled > 0 ? `${handled} handled` : '',
    crashes > 0 ? `${crashes} crashes` : '',
    more > 0 ? `${more} more below` : '',
  ];
  return {
    name: id,
    state: lifecycle,
    restarts: Math.max(0, incarnation - 1),
    note: facts.filter((fact) => fact !== '').join(', '),
    children: told,
  };
}

/** Restarts of the actor of that name below another; 0 when it is not there. */
export function restartsOf(root: TreeBranch, [first, ...rest]: readonly string[]): number {
  const child = root.children.find(({ name }) => name === first);
  if (child === undefined) return 0;
  return rest.length === 0 ? child.restarts : restartsOf(child, rest);
}
