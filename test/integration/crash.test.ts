/** The plug is pulled ten times over one run, at moments drawn by lot; what comes out is what would have come out anyway. */
import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../contracts/index.ts';
import {
  cleanUpAfterwards,
  document,
  esper,
  folderFor,
  PATIENCE_MS,
  type Running,
  start,
} from './support/esper.ts';
import {
  boundariesOf,
  courseOf,
  journalOf,
  modelOf,
  moonsConfig,
  ofType,
  type Summary,
  summaryOf,
  training,
} from './support/runs.ts';

cleanUpAfterwards();
const home = folderFor('crash');
const KILLS = 10;
const EPOCHS = 3000;
const lots = randomStream('ten times the plug');
/** Steps after which the process is killed: boundaries drawn anywhere in its first 60 %, so that a slow kill still comes in time. */
const moments = Array.from({ length: KILLS }, () => 10 * lots.below(0.06 * EPOCHS)).sort((a, b) => a - b);

let undisturbed: Summary;
let disturbed: Summary;
let signals: (NodeJS.Signals | null)[];

const killAt = async (running: Running, step: number) => {
  await running.hears((line) => Number(line.step) >= step);
  running.kill('SIGKILL');
  return (await running.ended).signal;
};

beforeAll(async () => {
  const config = moonsConfig(home, training({ epochs: EPOCHS }));
  undisturbed = summaryOf((await esper(home, ['train', config, '--json'])).said);

  signals = [];
  const first = start(home, ['train', config, '--json']);
  const { runId } = await first.hears(({ type }) => type === 'tolaria.training.progressed');
  signals.push(await killAt(first, moments[0] ?? 0));
  for (const moment of moments.slice(1)) {
    signals.push(await killAt(start(home, ['resume', String(runId), '--json']), moment));
  }
  disturbed = summaryOf((await esper(home, ['resume', String(runId), '--json'])).said);
}, PATIENCE_MS);

describe('a run that was killed ten times', () => {
  it('came to its end all the same', () => {
    expect(signals).toEqual(Array(KILLS).fill('SIGKILL'));
    expect(disturbed.ended).toMatchObject({ outcome: 'finished', disruptedSteps: 0 });
  });

  it('grew the same network, bit for bit', () => {
    expect(modelOf(disturbed)).toBe(modelOf(undisturbed));
    expect(disturbed.ended.testLoss).toBe(undisturbed.ended.testLoss);
    expect(disturbed.ended.multiplyAdds).toBe(undisturbed.ended.multiplyAdds);
  });

  it('committed every boundary once, with the same digests and the same decisions', async () => {
    const [calm, stormy] = await Promise.all([
      journalOf(home, undisturbed.runId),
      journalOf(home, disturbed.runId),
    ]);

    expect(boundariesOf(stormy).map(({ boundary }) => boundary)).toEqual(
      boundariesOf(calm).map((_, at) => at),
    );
    expect(courseOf(stormy)).toEqual(courseOf(calm));
  });

  it('checked itself against its journal each time it caught up, and says how long that took', async () => {
    const records = await journalOf(home, disturbed.runId);
    const resumes = ofType(records, 'tolaria.run.resumed');
    const times = resumes.map(({ recoveryMs }) => Math.round(recoveryMs));
    process.stdout.write(`killed at steps ${moments.join(', ')}; recovered in ${times.join(', ')} ms\n`);

    expect(resumes.length).toBeGreaterThanOrEqual(1);
    for (const { fromBoundary, lastCommitted, verified, recoveryMs } of resumes) {
      // without a checkpoint the run starts over, and boundary 0 itself is run again
      expect(verified).toBe((lastCommitted ?? -1) - (fromBoundary ?? -1));
      expect(recoveryMs).toBeLessThan(30_000);
    }
    expect(resumes.some(({ verified }) => verified > 0)).toBe(true);
  });

  it('left a journal without damage and nothing of its dead writers', async () => {
    const report = await document<{ ok: boolean; damage: unknown }>(home, ['wal', 'verify', disturbed.runId]);

    expect(report).toMatchObject({ ok: true, damage: null });
  });
});
