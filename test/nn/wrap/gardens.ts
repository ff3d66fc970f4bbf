/** Wrapped models with something growing in them. */
import type { BlueprintIR } from '../../../contracts/index.ts';
import { bottleneck, type GrowingNetwork } from '../../../nn/index.ts';
import { adam, kernelOf, sgd } from '../worlds.ts';

export { adam, sgd };

/** Plants a seed of the slot's own name, asleep. */
export function plantInto(network: GrowingNetwork, slotId: string, blueprint: BlueprintIR): string {
  const seedId = `s-${slotId}`;
  network.plant({ seedId, slotId, kernel: kernelOf(blueprint), draw: 0 });
  return seedId;
}

export const bottleneckInto = (network: GrowingNetwork, slotId: string): string =>
  plantInto(network, slotId, bottleneck(3, 'tanh'));
