/** Is it really the GPU? Asked of the driver, not of the library: its memory fills, and it is busy. */
import { spawnSync } from 'node:child_process';
import * as tf from '@tensorflow/tfjs';
import type { TensorRuntime } from '../../nn/index.ts';

export interface DeviceProof {
  readonly backend: string;
  readonly device: string;
  readonly gpu: boolean;
  /** What the driver calls the first GPU; null without one. */
  readonly driverSays: string | null;
  /** Mebibytes of GPU memory taken by a tensor of `tensorMiB`; null without a driver. */
  readonly tensorMiB: number;
  readonly takenMiB: number | null;
  /** Highest share of time in which the GPU was busy during products, in percent; null without a driver. */
  readonly busiestPercent: number | null;
  readonly gigaflops: number;
}

/** float32 of this many rows and columns: 1 GiB. */
const SIDE = 16_384;
const SMALL_SIDE = 512;

export async function proveDevice(runtime: TensorRuntime, nowMs: () => number): Promise<DeviceProof> {
  const { gpu, maxBytes } = runtime.capabilities;
  const side = gpu && (maxBytes === null || maxBytes > 8 * SIDE ** 2) ? SIDE : SMALL_SIDE;
  const before = ask('memory.used');
  const block = tf.fill([side, side], 0.5);
  await fetched(runtime, block);
  const after = ask('memory.used');
  let busiest = ask('utilization.gpu');
  const rounds = gpu ? 20 : 5;
  const startMs = nowMs();
  for (let round = 0; round < rounds; round++) {
    const product = tf.matMul(block as tf.Tensor2D, block as tf.Tensor2D);
    if (round === rounds >> 1) busiest = Math.max(busiest ?? 0, ask('utilization.gpu') ?? 0);
    if (round === rounds - 1) await fetched(runtime, product);
    product.dispose();
  }
  const ms = nowMs() - startMs;
  block.dispose();
  const driverSays = query('name,driver_version,memory.total,compute_cap');
  return {
    backend: runtime.name,
    device: runtime.device,
    gpu,
    driverSays,
    tensorMiB: (4 * side ** 2) / 2 ** 20,
    takenMiB: before === null || after === null ? null : after - before,
    busiestPercent: driverSays === null ? null : busiest,
    gigaflops: (2 * side ** 3 * rounds) / ms / 1e6,
  };
}

/** Waits until the tensor is worked out: one number of it is read. */
async function fetched(runtime: TensorRuntime, tensor: tf.Tensor): Promise<void> {
  const corner = tf.slice(tensor, [0, 0], [1, 1]);
  await runtime.readPacked([corner]);
  corner.dispose();
}

function ask(field: string): number | null {
  const answer = query(field, 'nounits');
  return answer === null ? null : Number(answer);
}

function query(fields: string, units?: 'nounits'): string | null {
  const format = `--format=csv,noheader${units ? `,${units}` : ''}`;
  const { status, stdout } = spawnSync('nvidia-smi', [`--query-gpu=${fields}`, format], { encoding: 'utf8' });
  return status === 0 ? (stdout.trim().split('\n')[0] ?? null) : null;
}
