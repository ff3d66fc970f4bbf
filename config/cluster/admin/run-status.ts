/** The runs of a cluster and how they go: what telemetry says, and where they are trained. */
import type { Deadline } from '../../../actors/admin/deadline.ts';
import { EsperError, type RunStatus } from '../../../contracts/index.ts';
import type { PlacementStatus } from '../../../contracts/placement-messages.ts';
import { remotePath } from '../../../runtime/remote/remote-path.ts';
import { TRIAD } from '../../placement/plan.ts';
import { type RunHere, RunWanted } from './desk-messages.ts';
import type { RunBoard } from './run-board.ts';
import { RUN_WINDOW } from './run-desk.ts';
import type { AdminWorld } from './world.ts';

/** Milliseconds without a word after which a run that no node has open counts as over. */
const QUIET_MS = 10_000;

/** The node that trains, whichever it is now; null while the triad is nowhere. */
export function trainer({ placement }: AdminWorld, status: PlacementStatus | null): string | null {
  const triads = placement.units.filter(({ actors }) => actors.some((actor) => TRIAD.includes(actor)));
  const found = status?.units.find(({ unit }) => triads.some((triad) => triad.unit === unit));
  return found?.node || null;
}

export async function runsOf(
  world: AdminWorld,
  board: RunBoard,
  status: PlacementStatus | null,
  deadline: Deadline,
): Promise<readonly RunStatus[]> {
  const node = trainer(world, status);
  const here = node === null ? null : await runOrSilence(world, node, deadline);
  return board
    .runs()
    .filter(({ progress, agoMs }) => progress.runId === here?.runId || agoMs < QUIET_MS)
    .map(({ progress }) => ({
      runId: progress.runId,
      node: node ?? '-',
      status: progress.status,
      epoch: progress.epoch,
      epochs: progress.totalEpochs,
      step: progress.step,
      accuracy: progress.validationAccuracy,
      loss: progress.trainingLoss,
      paused: here?.runId === progress.runId && here.paused,
    }));
}

/** What a node has open; null also when it does not say. */
async function runOrSilence(
  world: AdminWorld,
  node: string,
  { glanceMs }: Deadline,
): Promise<RunHere | null> {
  const window = world.system().ref<RunWanted>(remotePath(node, RUN_WINDOW));
  try {
    return await window.ask<RunHere | null>(RunWanted.of({}), { withinMs: glanceMs });
  } catch (thrown) {
    // What was heard of it is told all the same.
    if (thrown instanceof EsperError) return null;
    throw thrown;
  }
}
