/** One contender in a process of its own: a tensor backend is one a process, and what it does to the heap is its own. */
import * as tf from '@tensorflow/tfjs';
import { openWasm } from '../../nn/adapters/wasm.ts';
import { openTensorRuntime, type TensorRuntime } from '../../nn/index.ts';
import { nowMs, processorMs } from '../sampling.ts';
import { type Order, type Reply, taskName, type Way } from './order.ts';
import { plainLoop } from './plain-loop.ts';
import { plannedLoop } from './planned-loop.ts';

/** Steps before the first burst, for the compiler of this process: so many, or as many as fit into this time. */
const WARM_STEPS = 1500;
const WARM_MS = 600;

type Step = () => Promise<number>;
interface Ready {
  readonly step: Step;
  /** Kernel calls of a step; null where no tensor is touched. */
  readonly kernels: number | null;
}

const way = JSON.parse(process.argv[2] ?? 'null') as Way;
const ready = new Map<string, Ready | string>();
let runtime: Promise<TensorRuntime> | null = null;

process.on('message', async (order: Order) => process.send?.(await answer(order)));

async function answer(order: Order): Promise<Reply> {
  const key = taskName(order);
  if (!ready.has(key)) ready.set(key, await prepare(order));
  const found = ready.get(key) as Ready | string;
  if (typeof found === 'string') return { absent: found };
  return { ...(await burst(found.step, order.forMs)), kernels: found.kernels };
}

/** What cannot be had here is no failure of the others: the reason is the answer. */
async function prepare(order: Order): Promise<Ready | string> {
  try {
    const step = await stepOf(order);
    const { kernels } = await tf.profile(async () => void (await step()));
    const until = nowMs() + WARM_MS;
    for (let i = 0; i < WARM_STEPS && nowMs() < until; i++) {
      if (!Number.isFinite(await step())) return 'its loss is not finite';
    }
    return { step, kernels: way.kind === 'fused' ? null : kernels.length };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function stepOf(order: Order): Promise<Step> {
  runtime ??= open();
  const opened = await runtime;
  return way.kind === 'loop' ? plainLoop(order.model, order.optimizer) : plannedLoop(opened, way, order);
}

function open(): Promise<TensorRuntime> {
  if (way.kind !== 'loop') return openTensorRuntime('wasm');
  return way.pack ? openTensorRuntime(way.backend) : openWasm('the benchmark asked', { pack: false });
}

async function burst(step: Step, forMs: number) {
  const used = processorMs();
  const started = nowMs();
  let steps = 0;
  let now = started;
  do {
    await step();
    steps += 1;
    now = nowMs();
  } while (now - started < forMs);
  return { msPerStep: (now - started) / steps, processorMsPerStep: (processorMs() - used) / steps };
}
