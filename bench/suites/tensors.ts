/** Training steps: every backend and plan against plain tensorflow.js on the CPU, what growth costs them, and the run around it all. */
import { fileURLToPath } from 'node:url';
import { inScratch } from '../rig/scratch.ts';
import { type Effort, times } from '../sampling.ts';
import { quantile, spread } from '../statistics.ts';
import { type Figure, figure, type Suite } from '../suite.ts';
import { type Contender, nodeContender, torchContender } from '../tensors/contender.ts';
import { type Contest, contest, type Outcome, stepFigure, timesAsFast } from '../tensors/contest.ts';
import { MODEL_NAMES } from '../tensors/models.ts';
import { type Growth, type Task, taskName } from '../tensors/order.ts';
import { snapshots } from '../tensors/snapshots.ts';
import { bareRun, systemRun, type Took } from '../tensors/whole-run.ts';

/** The built file lies in dist/bench/suites. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Who is measured against: people without us. */
const BASELINE = 'cpu';
/** A burst long enough for hundreds of small steps; a step of the slowest takes longer and is one burst. */
const BURST_MS = 60;
/** Where two steps differ by a hundredth: many short bursts side by side, and the same number however quick. */
const PAIRED_ROUNDS = 61;
const PAIRED_MS = 10;
const GROWTHS: readonly Growth[] = ['none', 'dormant', 'isolated', 'live', 'fossil'];

export const tensors: Suite = {
  name: 'tensors',
  about: 'training steps of three models by every backend and plan, as ratios to plain tensorflow.js on cpu',
  async run(effort) {
    const heats = tasks().map((task) => [task]);
    const steps = await race(contenders(), { heats, rounds: times(effort, 9), forMs: BURST_MS });
    const paired = { heats: growthHeats(), rounds: PAIRED_ROUNDS, forMs: PAIRED_MS };
    const grown = await race(growers(), paired);
    return [
      ...steps.map(stepFigure),
      ...againstBaseline(steps),
      ...grown.filter(({ task }) => task.growth !== 'none').map(stepFigure),
      ...costOfGrowth(grown),
      ...(await snapshots(effort)),
      ...(await overhead(effort)),
    ];
  },
};

const loop = (backend: 'cpu' | 'wasm' | 'node-cpu' | 'node-gpu' | 'webgpu', pack = true) =>
  ({ kind: 'loop', backend, pack }) as const;

function contenders(): readonly Contender[] {
  const python = process.env.ESPER_BENCH_PYTHON ?? 'python3';
  return [
    nodeContender(BASELINE, loop('cpu')),
    nodeContender('wasm-stock', loop('wasm', false)),
    nodeContender('wasm', loop('wasm')),
    nodeContender('node-cpu', loop('node-cpu')),
    nodeContender('node-gpu', loop('node-gpu')),
    nodeContender('webgpu', loop('webgpu')),
    ...plans(),
    nodeContender('fused-2', { kind: 'fused', threads: 2, blas: false }),
    nodeContender('fused-blas', { kind: 'fused', threads: 1, blas: true }),
    torchContender('peer-torch-1', ROOT, python, 1),
    torchContender('peer-torch-2', ROOT, python, 2),
  ];
}

const plans = () => [
  nodeContender('reference', { kind: 'reference' }),
  nodeContender('fused-1', { kind: 'fused', threads: 1, blas: false }),
];
const growers = plans;

const tasks = (): readonly Task[] =>
  MODEL_NAMES.flatMap((model) =>
    (['sgd', 'adam'] as const).map((optimizer) => ({ model, optimizer, growth: 'none' as const })),
  );

const growthHeats = (): ReadonlyArray<readonly Task[]> =>
  (['s', 'b'] as const).map((model) =>
    GROWTHS.map((growth) => ({ model, optimizer: 'sgd' as const, growth })),
  );

async function race(
  starters: readonly Contender[],
  how: Omit<Contest, 'contenders'>,
): Promise<readonly Outcome[]> {
  try {
    return await contest({ ...how, contenders: starters }, (line) => console.error(`tensors: ${line}`));
  } finally {
    for (const contender of starters) contender.close();
  }
}

const same = (one: Task, other: Task) => taskName(one) === taskName(other);

function againstBaseline(steps: readonly Outcome[]): readonly Figure[] {
  return steps.flatMap((one) => {
    const slow = steps.find(({ contender, task }) => contender === BASELINE && same(task, one.task));
    return one.contender === BASELINE || slow === undefined
      ? []
      : [timesAsFast(`${taskName(one.task)}-${one.contender}-to-cpu`, one, slow)];
  });
}

const inProcessorTime = (one: Outcome): Outcome => ({ ...one, readings: one.processor });

/** Processor time of a step with something growing over one without, and how many more kernels it calls. */
function costOfGrowth(grown: readonly Outcome[]): readonly Figure[] {
  return grown.flatMap((one) => {
    const { task, contender } = one;
    if (task.growth === 'none') return [];
    const bare = grown.find(
      (other) => other.contender === contender && same(other.task, { ...task, growth: 'none' }),
    );
    if (bare === undefined) return [];
    const name = `${taskName(task)}-${contender}`;
    const cost = timesAsFast(`${name}-to-bare`, inProcessorTime(bare), inProcessorTime(one));
    if (one.kernels === null || bare.kernels === null) return [cost];
    const more = one.kernels - bare.kernels;
    return [cost, figure(`${name}-extra-kernels`, 'calls', { median: more, p95: more })];
  });
}

/** Percent of the bare run's time that the system adds to it. */
async function overhead(effort: Effort): Promise<readonly Figure[]> {
  return inScratch(async (folder) => {
    const [whole, bare]: [Took[], Took[]] = [[], []];
    await bareRun();
    await systemRun(folder, 'warm');
    for (let i = 0; i < times(effort, 15); i++) {
      // In turns, so that neither is always the one that finds what the other left behind.
      if (i % 2 === 0) bare.push(await bareRun());
      whole.push(await systemRun(folder, `run-${i}`));
      if (i % 2 === 1) bare.push(await bareRun());
    }
    const added = (what: keyof Took) => {
      const shares = whole.map((took, i) => 100 * (took[what] / (bare[i] as Took)[what] - 1));
      return { median: quantile(shares, 0.5), p95: quantile(shares, 0.95) };
    };
    return [
      figure('system-overhead', '%', added('ms')),
      figure('system-overhead-processor', '%', added('processorMs')),
      figure('system-run', 'ms', spread(whole.map(({ ms }) => ms))),
      figure('bare-run', 'ms', spread(bare.map(({ ms }) => ms))),
    ];
  });
}
