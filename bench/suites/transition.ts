/** One step of a seed's lifecycle: by table as in the step loop, and by the machine that the table is made from. */
import { initialTransition, transition as step } from 'xstate';
import { EsperError, SEED_STAGES, stageNumber } from '../../contracts/index.ts';
import { eventNumber, GATE_OF, nextStage, type SeedEvent, seedLifecycle } from '../../machines/index.ts';
import { microseconds, times } from '../sampling.ts';
import { spread } from '../statistics.ts';
import { figure, type Suite } from '../suite.ts';

/** From the soil to a permanent place. */
const LIFE = ['wake', 'germinate', 'train', 'blend', 'shadow', 'probation', 'fossilize'] as const;
const EVENTS = Uint8Array.from(LIFE, eventNumber);
const MESSAGES = LIFE.map((type) => {
  const gate = { gate: GATE_OF[type] ?? 'G0', passed: true, reasons: [], readings: {} };
  return { type, gate } as SeedEvent;
});

export const transition: Suite = {
  name: 'transition',
  about: "a seed's change of stage, by table and by its state machine",
  async run(effort) {
    const each = (readings: readonly number[]) => spread(readings.map((us) => us / LIFE.length));
    return [
      figure('table', 'us', each(await microseconds(times(effort, 400), 1_000, byTable))),
      figure('peer-xstate', 'us', each(await microseconds(times(effort, 100), 20, byMachine))),
    ];
  },
};

function byTable(): number {
  let stage = stageNumber('UNKNOWN');
  for (let i = 0; i < EVENTS.length; i++) stage = nextStage(stage, EVENTS[i] as number, true);
  return arrived(stage);
}

function byMachine(): number {
  let [seed] = initialTransition(seedLifecycle);
  for (const message of MESSAGES) [seed] = step(seedLifecycle, seed, message);
  return arrived(stageNumber(seed.value));
}

function arrived(stage: number): number {
  if (SEED_STAGES[stage] === 'FOSSILIZED') return stage;
  throw new EsperError('BENCH_LIFE_CUT_SHORT', `a life ended as ${SEED_STAGES[stage]}`);
}
