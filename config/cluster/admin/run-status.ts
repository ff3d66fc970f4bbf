/** The runs of a cluster and how they go: what telemetry says, and where they are trained. */
import { EsperError, type RunStatus } from '../../../contracts/index.ts';
import type { PlacementStatus } from '../../../contracts/placement-messages.ts';
import { remotePath } from '../../../runtime/remote/remote-path.ts';
import { TRIAD } from '../../placement/plan.ts';
import { type RunHere, RunWanted } from './desk-messages.ts';
import type { RunBoard } from './run-board.ts';
import { RUN_DESK } from './run-desk.ts';
import type { AdminWorld } from './world.ts';

/** Milliseconds without a word after which a run that no node has open counts as over. */
const QUIET_MS = 10_000;
const WITHIN_MS = 1_500;

/** The node that trains, whichever it is now; null while the triad is nowhere. */
export function trainer({ placement }: AdminWorld, status: PlacementStatus | null): string | null {
  const triads = placement.units.filter(({ actors }) => actors.some((actor) => TRIAD.includes(actor)));
  const found = status?.units.find(({ unit }) => triads.some((triad) => triad.unit === unit));
  return found?.node || null;
}

/** What a node has open. @throws ACTOR_TIMEOUT, ACTOR_GONE ... */
export function runOn(world: AdminWorld, node: string): Promise<RunHere | null> {
  const desk = world.system().ref<RunWanted>(remotePath(node, RUN_DESK));
  return desk.ask<RunHere | null>(RunWanted.of({}), { withinMs: WITHIN_MS });
}

export async function runsOf(
  world: AdminWorld,
  board: RunBoard,
  status: PlacementStatus | null,
): Promise<readonly RunStatus[]> {
  const node = trainer(world, status);
  const here = node === null ? null : await runOrSilence(world, node);
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

async function runOrSilence(world: AdminWorld, node: string): Promise<RunHere | null> {
  try {
    return await runOn(world, node);
  } catch (thrown) {
    // What was heard of it is told all the same.
    if (thrown instanceof EsperError) return null;
    throw thrown;
  }
}
