/** The part of a node's tree that takes commands: desks for other nodes, and the service for people. */
import { admin } from '../../../actors/admin/actor.ts';
import { closedAdmin } from '../../../actors/admin/closed-actor.ts';
import { seated } from '../../../actors/tree.ts';
import { tokenSigner, tokenVerifier } from '../../../runtime/adapters/jose/tokens.ts';
import type { ChildSpec } from '../../../runtime/index.ts';
import { nodeDesk } from './node-desk.ts';
import type { RunBoard } from './run-board.ts';
import { runDesk } from './run-desk.ts';
import { adminTargets } from './targets.ts';
import { branchOf } from './tree-branch.ts';
import type { AdminWorld } from './world.ts';

/** After all others in the tree, so that commands end first. Without keys every command is refused. */
export function adminChildren(world: AdminWorld, board: RunBoard): readonly ChildSpec[] {
  return [
    seated([nodeDesk, { tree: () => branchOf(world.system().tree()) }]),
    seated([runDesk, { run: world.run }]),
    seated([runDesk, { run: world.run }], { id: 'run-window' }),
    world.keys === null ? closedChild(world) : openChild(world, world.keys, board),
  ];
}

const closedChild = ({ link, name, version, placement }: AdminWorld) =>
  seated([closedAdmin, { services: link.services, cluster: placement.cluster, node: name, version }]);

function openChild(world: AdminWorld, keys: NonNullable<AdminWorld['keys']>, board: RunBoard) {
  const { link, name, version, placement, home, ports } = world;
  const { clock, hasher, disk, ids, log, metrics } = ports;
  const shared = { clock, hasher, node: name };
  return seated([
    admin,
    {
      service: {
        ...shared,
        services: link.services,
        leases: link.leases,
        cluster: placement.cluster,
        version,
        keys: keys.admin,
        tokens: tokenVerifier(keys.admin.keys),
        targets: adminTargets(world, board),
        ids,
        log,
        metrics,
      },
      audit: {
        ...shared,
        disk,
        folder: `${home}/audit/${name}`,
        signer: tokenSigner(keys.audit),
        tokens: tokenVerifier(keys.admin.auditKeys),
      },
    },
  ]);
}
