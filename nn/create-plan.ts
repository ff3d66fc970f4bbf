/** Chooses how a network is trained: compiled into one piece of memory where that is possible, else on tensors. */
import type { OptimizerConfig } from '../contracts/run-config.ts';
import { startSecondThread } from './adapters/second-thread.ts';
import type { Blas } from './fused/blas.ts';
import { FusedPlan } from './fused/plan.ts';
import { HostNetwork } from './network.ts';
import type { TensorRuntime } from './runtime.ts';
import { createTfjsPlan } from './tfjs-plan.ts';
import type { GrowingNetwork, TrainPlan } from './types.ts';

export interface PlanOrder {
  readonly runtime: TensorRuntime;
  readonly network: GrowingNetwork;
  readonly optimizer: OptimizerConfig;
  /** 2: a second thread takes half of every batch that is worth it; the bits are the same. 1 unless said. */
  readonly threads?: 1 | 2;
  /** With this clock a second thread is used only while it helps. Monotonic milliseconds, with fractions. */
  readonly nowMs?: () => number;
  /** Products by a library: faster, on one thread, and bits of this machine only. */
  readonly blas?: Blas | null;
  /** Hears, once, why something runs on tensors after all. */
  readonly say?: (line: string) => void;
}

/**
 * The fused plan, where tensors can be read at once and do not live on a GPU; what it cannot express runs on the tensor
 * plan. It is ahead of the network's tensors while it trains: whoever reads them through the network finds them up to
 * date. The caller disposes the plan before the network.
 * @throws NN_NETWORK_FOREIGN when the network was not made by `createNetwork` or `loadNetwork` on this runtime
 */
export function createPlan(order: PlanOrder): TrainPlan {
  const { runtime, network, optimizer, say = () => {}, threads = 1, nowMs = null, blas = null } = order;
  const reference = createTfjsPlan({ runtime, network, optimizer });
  const { gpu, syncRead } = runtime.capabilities;
  if (gpu || !syncRead || !(network instanceof HostNetwork)) return reference;
  const second = threads === 2 ? startSecondThread : null;
  const helpers = { second, nowMs, blas, claim: runtime.claim };
  return new FusedPlan({ network, optimizer, reference, say, helpers });
}
