/** Chooses how a network is trained: compiled into one piece of memory where that is possible, else on tensors. */
import type { OptimizerConfig } from '../contracts/run-config.ts';
import { FusedPlan } from './fused/plan.ts';
import { HostNetwork } from './network.ts';
import type { TensorRuntime } from './runtime.ts';
import { createTfjsPlan } from './tfjs-plan.ts';
import type { GrowingNetwork, TrainPlan } from './types.ts';

export interface PlanOrder {
  readonly runtime: TensorRuntime;
  readonly network: GrowingNetwork;
  readonly optimizer: OptimizerConfig;
  /** Hears, once, why something runs on tensors after all. */
  readonly say?: (line: string) => void;
}

/**
 * The fused plan, where tensors can be read at once and do not live on a GPU; what it cannot express runs on the tensor
 * plan. It is ahead of the network's tensors while it trains: whoever reads them through the network finds them up to
 * date. The caller disposes the plan before the network.
 * @throws NN_NETWORK_FOREIGN when the network was not made by `createNetwork` or `loadNetwork` on this runtime
 */
export function createPlan({ runtime, network, optimizer, say = () => {} }: PlanOrder): TrainPlan {
  const reference = createTfjsPlan({ runtime, network, optimizer });
  const { gpu, syncRead } = runtime.capabilities;
  if (gpu || !syncRead || !(network instanceof HostNetwork)) return reference;
  return new FusedPlan({ network, optimizer, reference, say });
}
