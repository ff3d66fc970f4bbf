/** Commands that only look: the cluster as a whole, its nodes, its units, its trees, its seeds. */
import type { Deadline } from '../../../actors/admin/deadline.ts';
import type { AdminHandlers } from '../../../actors/admin/targets.ts';
import { type ActorLine, EsperError, type TreeBranch } from '../../../contracts/index.ts';
import type { Assignment } from '../../../contracts/placement.ts';
import type { PlacementStatus } from '../../../contracts/placement-messages.ts';
import { STEWARD } from '../../../runtime/placement/index.ts';
import { remotePath } from '../../../runtime/remote/remote-path.ts';
import { answered, placementFor, placementOf } from './ask.ts';
import { census } from './census.ts';
import { TreeWanted } from './desk-messages.ts';
import { NODE_DESK } from './node-desk.ts';
import type { RunBoard } from './run-board.ts';
import { runsOf } from './run-status.ts';
import { branchOf, restartsOf } from './tree-branch.ts';
import type { AdminWorld } from './world.ts';

type Looks = Pick<AdminHandlers, 'status' | 'nodes' | 'tree' | 'actors-ls' | 'actors-describe' | 'seeds-ls'>;

/** What a trainer from before there was such telemetry leaves out. */
const UNTOLD = { blueprintId: null, contribution: null };

export function looks(world: AdminWorld, board: RunBoard): Looks {
  return {
    status: (_, { deadline }) => statusOf(world, board, deadline),
    nodes: async (_, { deadline }) => {
      return { nodes: [...census(world, await placementOf(world.system(), deadline.glanceMs))] };
    },
    tree: async (_, { deadline }) => ({ nodes: [...(await trees(world, deadline))] }),
    'actors-ls': async (_, { deadline }) => {
      const status = await placementFor(world.system(), deadline, deadline.glanceMs);
      return { units: [...(await unitLines(world, status, deadline))] };
    },
    'actors-describe': ({ unit }, { deadline }) => describe(world, unit, deadline),
    'seeds-ls': async ({ run }) => {
      const heard = board.runs().find(({ progress }) => run === undefined || progress.runId === run);
      if (heard === undefined) throw noRun(run);
      const { runId, seeds } = heard.progress;
      return { runId, seeds: seeds.map((seed) => ({ ...UNTOLD, ...seed })) };
    },
  };
}

async function statusOf(world: AdminWorld, board: RunBoard, deadline: Deadline) {
  const status = await placementOf(world.system(), deadline.glanceMs);
  const nodes = census(world, status);
  const up = nodes.filter(({ state }) => ['up', 'draining', 'leaving'].includes(state));
  const away = nodes.filter(({ state }) => state === 'unreachable' || state === 'dead');
  const units = status?.units ?? [];
  const waiting = units.filter(({ state }) => state !== 'running' && state !== 'stopped');
  return {
    cluster: world.placement.cluster,
    steward: status?.steward ?? null,
    stewardEpoch: status?.epoch ?? null,
    nodesUp: up.length,
    nodesAway: away.length,
    unitsPlaced: units.filter(({ state }) => state === 'running').length,
    unitsWaiting: waiting.length,
    deadLetters: await deadLettersIn(world),
    runs: [...(await runsOf(world, board, status, deadline))],
    warnings: [
      ...(status === null ? ['no steward answers: units stay where they are until one does'] : []),
      ...away.map(({ node, state }) => `${node} is ${state}`),
      ...waiting.map(({ unit, state, why }) => `${unit} is ${state}${why === '' ? '' : `: ${why}`}`),
      ...Object.entries(world.bus.network().outrun).map(
        ([queue, count]) =>
          `${queue} never had ${count} messages: the broker let them go before it was there`,
      ),
      ...absent(world, nodes).map((node) => `${node} is in the placement file and has not been seen`),
    ],
  };
}

const absent = ({ placement }: AdminWorld, seen: readonly { readonly node: string }[]) =>
  placement.nodes.map(({ name }) => name).filter((name) => !seen.some(({ node }) => node === name));

/** Null while the broker does not say. */
async function deadLettersIn({ link, placement }: AdminWorld): Promise<number | null> {
  try {
    return (await link.streams.size(`${placement.cluster.toUpperCase()}_DEAD`)).messages;
  } catch (thrown) {
    if (thrown instanceof EsperError && thrown.code === 'STREAMS_UNREACHABLE') return null;
    throw thrown;
  }
}

/** This node's tree, and of the others those that answer in time. */
async function trees(
  world: AdminWorld,
  deadline: Deadline,
): Promise<readonly { node: string; root: TreeBranch }[]> {
  const there = census(world, null).filter(({ state }) => state === 'up');
  const found = await Promise.allSettled(
    there.map(async ({ node }) => ({ node, root: await treeOf(world, node, deadline) })),
  );
  return found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

/** A node that takes too long is left out. */
function treeOf(world: AdminWorld, node: string, deadline: Deadline): Promise<TreeBranch> {
  const system = world.system();
  if (node === world.name) return Promise.resolve(branchOf(system.tree()));
  const desk = system.ref<TreeWanted>(remotePath(node, NODE_DESK));
  return answered(node, desk.ask(TreeWanted.of({}), { withinMs: deadline.glanceMs }));
}

async function unitLines(
  world: AdminWorld,
  status: PlacementStatus,
  deadline: Deadline,
): Promise<readonly ActorLine[]> {
  const found = await Promise.allSettled([treeOf(world, status.steward, deadline)]);
  const root = found[0].status === 'fulfilled' ? found[0].value : null;
  return status.units.map((unit) => lineOf(unit, root));
}

/** Restarts are those of the proxy that stands for the unit under the steward: its life is the unit's. */
function lineOf({ unit, node, state, epoch }: Assignment, root: TreeBranch | null): ActorLine {
  return {
    unit,
    node: node === '' ? null : node,
    state,
    epoch: epoch === 0 ? null : epoch,
    restarts: root === null ? 0 : restartsOf(root, [STEWARD, 'owner', unit]),
  };
}

async function describe(world: AdminWorld, unit: string, deadline: Deadline) {
  const status = await placementFor(world.system(), deadline, deadline.glanceMs);
  const found = (await unitLines(world, status, deadline)).find((line) => line.unit === unit);
  const spec = world.placement.units.find((one) => one.unit === unit);
  if (found === undefined || spec === undefined) throw noUnit(unit, status.units);
  const assignment = status.units.find((one) => one.unit === unit);
  return {
    ...found,
    facts: {
      actors: spec.actors.join(' '),
      labels: spec.labels.join(' ') || '-',
      pin: spec.pin ?? null,
      handover: spec.handover,
      warm: spec.warm,
      apart: spec.apart.join(' ') || '-',
      near: spec.near.join(' ') || '-',
      why: assignment?.why || null,
      able: status.nodes
        .filter(({ facts }) => facts.able.includes(unit))
        .map(({ name }) => name)
        .join(' '),
    },
  };
}

const noUnit = (unit: string, known: readonly Assignment[]) =>
  new EsperError(
    'ADMIN_UNIT_NOT_FOUND',
    `the cluster has no unit ${unit}`,
    { unit, known: known.map((one) => one.unit) },
    { hint: 'esper admin actors ls' },
  );

export const noRun = (run: string | undefined) =>
  new EsperError(
    'ADMIN_RUN_NOT_FOUND',
    run === undefined ? 'nothing is trained on this cluster' : `nothing was heard of a run ${run}`,
    run === undefined ? {} : { run },
    { hint: 'esper admin status lists the runs; a run is heard of within a second of its first step' },
  );
