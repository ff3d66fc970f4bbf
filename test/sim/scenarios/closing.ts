/** Closes the office in order: no new mail, what is here is done, everybody goes home. */
import { type ActorSystem, CoordinatedShutdown, SHUTDOWN_PHASES } from '../../../runtime/index.ts';
import type { Life } from '../../../runtime/simulation/index.ts';
import type { SimEvent } from '../events.ts';
import { allIn, oneOf, sleep } from '../support.ts';

/** Milliseconds that a phase may take. */
const PHASE_MS = 800;

/** What the office does in each phase. */
export interface Closing {
  stopIntake(): void;
  /** Called every few milliseconds until nobody has anything left to do. */
  nudge(): void;
}

const waiting = (system: ActorSystem): number =>
  allIn(system.tree()).reduce((sum, { mailbox }) => sum + mailbox, 0);

/** @returns once all phases are over, whatever was stuck in them */
export async function closeOffice(
  life: Life<SimEvent>,
  system: ActorSystem,
  closing: Closing,
): Promise<void> {
  const { clock, log } = life.ports;
  const random = life.ports.random.split('closing');
  const phaseMs = Object.fromEntries(SHUTDOWN_PHASES.map((phase) => [phase, PHASE_MS]));
  const shutdown = new CoordinatedShutdown({ clock, log, phaseMs });
  let reached = 0;
  for (const [i, phase] of SHUTDOWN_PHASES.entries()) {
    const mark = () => {
      life.always('phases come in order', reached === i, `${phase} after ${reached}`);
      reached++;
    };
    shutdown.add(phase, { name: 'mark', run: mark });
  }
  shutdown.add('stop-intake', { name: 'close the door', run: () => closing.stopIntake() });
  shutdown.add('drain', {
    name: 'finish',
    async run() {
      while (waiting(system) > 0) {
        closing.nudge();
        await sleep(clock, 10);
      }
    },
  });
  shutdown.add('stop-actors', { name: 'go home', run: () => system.stop() });
  const stuck = random.below(3) === 0;
  if (stuck)
    shutdown.add(oneOf(random, SHUTDOWN_PHASES), { name: 'stuck', run: () => new Promise<void>(() => {}) });
  const broken = random.below(3) === 0;
  if (broken) {
    const run = () => Promise.reject(new Error('it does not want to end'));
    shutdown.add(oneOf(random, SHUTDOWN_PHASES), { name: 'broken', run });
  }
  const { phases, clean } = await shutdown.run('closing time');
  life.always('every phase is gone through', reached === SHUTDOWN_PHASES.length, `${reached}`);
  life.always('what did not end well is told', !(clean && (stuck || broken)));
  if (phases.some(({ late }) => late)) life.sometimes('a phase was late and left behind');
}
