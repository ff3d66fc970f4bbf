/** The desk of a node: it answers other nodes about this one's tree, whatever else is going on here. */
import type { TreeBranch } from '../../../contracts/index.ts';
import { accept, defineActor } from '../../../runtime/local.ts';
import type { TreeWanted } from './desk-messages.ts';

export interface NodeDeskArgs {
  tree(): TreeBranch;
}

export const NODE_DESK = 'esper/desk';

export const nodeDesk = defineActor<NodeDeskArgs, TreeWanted, never, NodeDeskArgs>({
  name: 'desk',
  fresh: (_cx, args) => args,
  decide: { 'node.tree.wanted': ({ tree }) => accept(tree()) },
});
