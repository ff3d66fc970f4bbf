/** Ctrl-C: once is a request, twice is an order. */
import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { cleanUpAfterwards, type Ended, esper, folderFor, PATIENCE_MS, start } from './support/esper.ts';
import {
  courseOf,
  journalOf,
  modelOf,
  moonsConfig,
  ofType,
  type Summary,
  summaryOf,
} from './support/runs.ts';

cleanUpAfterwards();
const home = folderFor('interrupt');
const config = moonsConfig(home);

/** Starts a run and interrupts it as soon as it has taken 400 steps. */
async function interrupted(signal: NodeJS.Signals): Promise<Ended> {
  const run = start(home, ['train', config, '--json']);
  await run.hears(({ step }) => Number(step) >= 400);
  run.kill(signal);
  return run.ended;
}

describe('a run that is interrupted once', () => {
  let stopped: Ended;
  let summary: Summary;
  beforeAll(async () => {
    stopped = await interrupted('SIGINT');
    summary = summaryOf(stopped.said);
  }, PATIENCE_MS);

  it('ends as interrupted and says what it does', () => {
    expect(stopped.code).toBe(130);
    expect(stopped.err).toContain('stopping: writing a checkpoint');
    expect(summary.ended).toMatchObject({ outcome: 'interrupted', testAccuracy: null });
    expect(summary.ended.step).toBeGreaterThanOrEqual(400);
  });

  it('has its newest boundary on disk, and the journal ends with that', async () => {
    const records = await journalOf(home, summary.runId);
    const newest = ofType(records, 'tolaria.boundary.committed').at(-1);
    const written = ofType(records, 'tolaria.checkpoint.written').at(-1);

    expect(records.at(-1)).toEqual(summary.ended);
    expect(written?.boundary).toBe(newest?.boundary);
    expect(readdirSync(`${summary.folder}/checkpoints`)).toContain(written?.file);
  });

  it(
    'goes on where it stopped, and ends as if nobody had touched it',
    async () => {
      const [resumed, calm] = [
        await esper(home, ['resume', summary.runId, '--json']),
        await esper(home, ['train', config, '--json']),
      ];
      const [mended, undisturbed] = [summaryOf(resumed.said), summaryOf(calm.said)];
      const records = await journalOf(home, mended.runId);

      expect([resumed.code, mended.ended.outcome]).toEqual([0, 'finished']);
      expect(ofType(records, 'tolaria.run.resumed')).toMatchObject([{ verified: 0 }]);
      expect(courseOf(records)).toEqual(courseOf(await journalOf(home, undisturbed.runId)));
      expect(modelOf(mended)).toBe(modelOf(undisturbed));
    },
    PATIENCE_MS,
  );
});

describe('a run that is told to terminate', () => {
  it('ends in the same order, with the code of that signal', async () => {
    const { code, said } = await interrupted('SIGTERM');

    expect(code).toBe(143);
    expect(summaryOf(said).ended.outcome).toBe('interrupted');
  });
});

describe('a run that is interrupted twice', () => {
  it('ends at once, and nobody claims that it was in order', async () => {
    // steps so long that the second interrupt arrives while the first waits for one to end
    const slow = moonsConfig(home, {
      task: { dataset: 'moons', options: { rows: 8000 } },
      host: { hidden: [300, 300] },
      growth: { enabled: false },
    });
    const run = start(home, ['train', slow, '--json']);
    const { runId } = await run.hears(({ step }) => Number(step) >= 1);
    run.kill('SIGINT');
    await run.warns('press again to stop at once');
    run.kill('SIGINT');
    const { code, said } = await run.ended;
    const records = await journalOf(home, String(runId));

    expect(code).toBe(130);
    expect(said.some(({ kind }) => kind === 'RunSummary')).toBe(false);
    expect(records.at(-1)?.type).not.toBe('tolaria.run.ended');
  });
});
