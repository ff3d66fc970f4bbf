/** The plug is pulled on a run whose steps two threads share: it goes on to what one thread comes to by itself. */
import { expect, it } from 'vitest';
import { cleanUpAfterwards, esper, folderFor, PATIENCE_MS, start } from '../support/esper.ts';
import { courseOf, journalOf, modelOf, moonsConfig, summaryOf, training } from '../support/runs.ts';

cleanUpAfterwards();
const home = folderFor('two-threads');
const EPOCHS = 600;

/** Wide enough, with rows enough, for a half of the batch to be worth a second thread. */
const wide = {
  task: { dataset: 'moons', options: { rows: 1200, testRows: 400, noise: 0.1 }, validationRows: 200 },
  host: { hidden: [48, 32], activation: 'tanh', start: 'glorot' },
  growth: {
    policy: 'schedule',
    spans: ['layer'],
    families: ['widen'],
    targetHidden: [56, 40],
    tempo: { training: 2, blending: 2, probation: 2, embargo: 1, earliest: 2, spacing: 2, latest: 0.8 },
  },
};

it(
  'takes the same course on two threads, killed and resumed, as on one without a break',
  async () => {
    const config = moonsConfig(home, { ...wide, ...training({ epochs: EPOCHS }) });
    const threads = (count: string) => ({ env: { ESPER_THREADS: count } });
    const alone = summaryOf((await esper(home, ['train', config, '--json'], threads('1'))).said);

    const running = start(home, ['train', config, '--json'], threads('2'));
    const { runId } = await running.hears(({ type }) => type === 'tolaria.training.progressed');
    await running.hears((line) => Number(line.step) >= EPOCHS / 3);
    running.kill('SIGKILL');
    expect((await running.ended).signal).toBe('SIGKILL');
    const resumed = await esper(home, ['resume', String(runId), '--json'], threads('2'));
    const both = summaryOf(resumed.said);

    expect(both.ended.outcome).toBe(alone.ended.outcome);
    expect(modelOf(both)).toBe(modelOf(alone));
    const [one, two] = await Promise.all([journalOf(home, alone.runId), journalOf(home, both.runId)]);
    expect(courseOf(one).length).toBeGreaterThan(10);
    expect(courseOf(two)).toEqual(courseOf(one));
  },
  PATIENCE_MS,
);
