/** What places where nothing grows cost a training step: the triad's host with 16 dormant seeds against the bare network. */
import { trainStep } from '../rig/garden.ts';
import { startTriad, type TriadRig } from '../rig/triad.ts';
import { workspaceOf } from '../rig/workspace.ts';
import { type Effort, microseconds, repeat, stopwatch, times } from '../sampling.ts';
import { quantile, spread } from '../statistics.ts';
import { figure, type Suite } from '../suite.ts';

const SHAPE = { inputs: 256, hidden: [256, 128, 64, 32], rows: 64 };

export const dormant: Suite = {
  name: 'dormant',
  about: 'a training step with 16 dormant seeds against the bare host',
  async run(effort) {
    const rig = await startTriad({ ...SHAPE, places: 4 });
    const bare = await workspaceOf({ ...SHAPE, places: 0 });
    const host = { ...rig, ...bare, kasmina: unheard };
    const { withSeeds, without, overheads } = await pairs(rig, host, effort);
    const hooks = await microseconds(times(effort, 300), 100, (step) =>
      rig.kasmina({ type: 'kasmina.before_step', step }),
    );
    bare.work.network.dispose();
    await rig.close();
    const overhead = { median: quantile(overheads, 0.5), p95: quantile(overheads, 0.95) };
    return [
      figure('overhead', '%', overhead),
      figure('step-16-dormant', 'ms', spread(withSeeds)),
      figure('step-bare', 'ms', spread(without)),
      figure('before-step-hook', 'us', spread(hooks)),
    ];
  },
};

/** Nobody listens to a bare host. */
const unheard = <R>(): R => undefined as R;

/** One step of each in turn, the order changing, so that both meet the same disturbances. */
async function pairs(rig: TriadRig, bare: TriadRig, effort: Effort) {
  const withSeeds: number[] = [];
  const without: number[] = [];
  const dormantStep = async () => {
    rig.kasmina({ type: 'kasmina.before_step', step: 0 });
    await trainStep(rig);
  };
  const count = times(effort, 300);
  await repeat(count, async (i) => {
    const bareFirst = i % 2 === 0;
    if (bareFirst) without.push(await stopwatch(() => trainStep(bare)));
    withSeeds.push(await stopwatch(dormantStep));
    if (!bareFirst) without.push(await stopwatch(() => trainStep(bare)));
    return 0;
  });
  const warm = (readings: readonly number[]) => readings.slice(-count);
  const overheads = warm(withSeeds).map((ms, i) => 100 * (ms / (warm(without)[i] as number) - 1));
  return { withSeeds: warm(withSeeds), without: warm(without), overheads };
}
