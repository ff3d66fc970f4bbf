/** Kasmina tends the seeds of one host: what is planted where, and how far it has come. */
import { EsperError } from '../../contracts/index.ts';
import type { NetworkSnapshot } from '../../nn/index.ts';
import type { Cx } from '../../runtime/index.ts';
import { accept, defineActor, isRefusal } from '../../runtime/local.ts';
import type { KasminaMessage, Workspace } from '../triad.ts';
import { Garden, type GardenState, type SeedActors } from './garden.ts';
import { type SeedMessage, seedActor } from './seed-actor.ts';

export interface KasminaArgs {
  readonly work: Workspace;
  /** What a checkpoint held; null for a run that begins. */
  readonly saved: GardenState | null;
}

interface Resident {
  readonly garden: Garden;
  readonly work: Workspace;
}

/** One consistent copy of a garden: records by value, tensors by reference. */
interface Cut {
  readonly garden: GardenState;
  readonly network: NetworkSnapshot;
  readonly work: Workspace;
}

/** Crashes of one seed's actor within a window before it is left dead; the garden counts them all. */
const SEED_INTENSITY = 2;
const SEED_PERIOD_MS = 60_000;

export const kasmina = defineActor<Resident, KasminaMessage, never, KasminaArgs>({
  name: 'kasmina',
  fresh(cx, { work, saved }) {
    const resident: { garden?: Garden } = {};
    const actors = seedActors(cx, () => resident.garden);
    resident.garden = new Garden(work, actors, saved ?? undefined);
    return { garden: resident.garden, work };
  },
  decide: {
    'kasmina.before_step': ({ garden }, { step }) => {
      garden.beforeStep(step);
      return accept();
    },
    'kasmina.after_step': ({ garden }, { step, report }) => {
      garden.afterStep(step, report);
      return accept();
    },
    'kasmina.trials': ({ garden }, { regular }) => accept(garden.trials(regular)),
    'kasmina.gather': ({ garden }, { moment, measured }) => accept(garden.gather(moment, measured)),
    'kasmina.act': ({ garden }, { moment, decisions }) => accept(garden.act(moment, decisions)),
    'kasmina.cull': ({ garden }, { moment, seedIds, reason }) => {
      garden.cull(moment, seedIds, reason);
      return accept();
    },
    'kasmina.crash_seed': ({ garden }, { seedId }) => {
      garden.breakActor(seedId);
      return accept();
    },
    'kasmina.save': ({ garden }) => accept(garden.save()),
  },
  rollback: {
    capture: ({ garden, work }): Cut => ({ garden: garden.save(), network: work.network.capture(), work }),
    restore(resident, saved) {
      const cut = saved as Cut;
      resident.work.network.restore(cut.network);
      resident.garden.load(cut.garden);
      return resident;
    },
    release: (saved) => {
      const cut = saved as Cut;
      cut.work.network.release(cut.network);
    },
  },
});

/** Seeds as light child actors. Their supervisor restarts a crashed one at the stage its record says. */
function seedActors(cx: Cx<KasminaMessage>, garden: () => Garden | undefined): SeedActors {
  const children = cx.children({ intensity: SEED_INTENSITY, periodMs: SEED_PERIOD_MS });
  return {
    start(seedId, stage) {
      const args = { stage: () => garden()?.stageOf(seedId) ?? stage };
      children.start(seedActor, { id: seedId, args, restart: 'transient' });
    },
    stop: (seedId) => children.stop(seedId, 'its place is needed'),
    move(seedId, to, gate) {
      const ref = children.ref<SeedMessage>(seedId);
      if (!ref) return 'crashed';
      try {
        return isRefusal(ref.callNow({ type: 'seed.move', to, gate })) ? 'refused' : 'moved';
      } catch (error) {
        if (!isActorFailure(error)) throw error;
        return 'crashed';
      }
    },
    break(seedId) {
      try {
        children.ref<SeedMessage>(seedId)?.callNow({ type: 'seed.break' });
      } catch (error) {
        if (!isActorFailure(error)) throw error;
      }
    },
  };
}

/** The seed's supervisor has dealt with it already; all that is left is to know. */
const isActorFailure = (error: unknown) =>
  error instanceof EsperError && (error.code === 'ACTOR_CRASHED' || error.code === 'ACTOR_GONE');
