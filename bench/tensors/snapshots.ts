/** What it costs to keep a network as it is, and to go back to it. */
import { defaults } from '../../config/defaults.ts';
import {
  createNetwork,
  createPlan,
  createTfjsPlan,
  openTensorRuntime,
  type PlanOrder,
} from '../../nn/index.ts';
import { type Effort, nowMs, repeat, times } from '../sampling.ts';
import { spread } from '../statistics.ts';
import { type Figure, figure } from '../suite.ts';

const SIZES = [
  { name: '1m', widths: [784, 768, 512, 10] },
  { name: '10m', widths: [784, 2560, 3072, 10] },
] as const;
const ROWS = 4;
const PLANS = [
  ['', { make: createTfjsPlan, optimizer: defaults.training.optimizer }],
  [
    'fused-',
    {
      make: (order: PlanOrder) => createPlan({ ...order, threads: 2, nowMs }),
      optimizer: { ...defaults.training.optimizer, name: 'sgd' },
    },
  ],
] as const;
/** As many as a run of minutes takes: the first ones are slower, by what the compiler has not looked at yet. */
const TIMES = 100;

/**
 * On wasm, with a real step before each, so that there is something to keep and something to undo: by reference where weights are tensors,
 * by copying them out of the arena, with two threads while that is faster, where the fused plan is ahead (plain SGD there: weights and
 * nothing else).
 */
export async function snapshots(effort: Effort): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { name, widths } of SIZES) {
    for (const [plan, make] of PLANS) {
      const { takes, returns } = await cycles(widths, times(effort, TIMES), make);
      figures.push(figure(`snapshot-${plan}${name}`, 'ms', spread(takes)));
      figures.push(figure(`restore-${plan}${name}`, 'ms', spread(returns)));
    }
    figures.push(figure(`copy-${name}`, 'ms', spread(await copies(widths, times(effort, TIMES)))));
  }
  return figures;
}

/** As many numbers, copied by the engine of the language and nothing else: no snapshot by copying takes less. */
async function copies(widths: readonly number[], count: number): Promise<readonly number[]> {
  const size = widths.slice(1).reduce((sum, width, i) => sum + (1 + (widths[i] as number)) * width, 0);
  const [from, to, between] = [size, size, 3 * size].map((length) => new Float32Array(length).fill(1)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  return repeat(count, () => {
    between.fill(2); // a step goes over weights and two halves of slopes
    const started = nowMs();
    to.set(from);
    return nowMs() - started;
  });
}

async function cycles(
  [inputs = 0, ...units]: readonly number[],
  count: number,
  { make, optimizer }: (typeof PLANS)[number][1],
) {
  const runtime = await openTensorRuntime('wasm');
  const layers = units.map((width, i) => ({
    units: width,
    activation: i < units.length - 1 ? ('relu' as const) : ('linear' as const),
  }));
  const host = { inputs, layers, loss: 'mse', start: 'he' } as const;
  const network = createNetwork({ runtime, host, spans: [], optimizer, runSeed: 1 });
  const plan = make({ runtime, network, optimizer });
  const batch = [new Float32Array(ROWS * inputs).fill(0.1), new Float32Array(ROWS * 10)] as const;
  const takes: number[] = [];
  const returns = await repeat(count, async () => {
    await plan.step(...batch, ROWS, { host: 1e-3 });
    const started = nowMs();
    const kept = network.capture();
    takes.push(nowMs() - started);
    await plan.step(...batch, ROWS, { host: 1e-3 });
    const back = nowMs();
    network.restore(kept);
    const took = nowMs() - back;
    network.release(kept);
    return took;
  });
  plan.dispose();
  network.dispose();
  return { takes: takes.slice(-count), returns };
}
