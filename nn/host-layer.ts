/** One layer of a living host: what it is, and the weights it has now. */
import type { Activation } from '../contracts/blueprint.ts';
import type { Parameter } from './parameter.ts';
import type { LayerSpec } from './types.ts';

/** `h = activation(op(inputs, weights))`. */
export interface HostLayer {
  /** As it was at birth: units may have joined since, and only the weights know how many. */
  readonly spec: LayerSpec;
  /** Layers it reads; 0 is the input. */
  readonly from: readonly number[];
  readonly activation: Activation;
  /** By key: `w`, `b`, `gamma` ... in the order in which they are saved. */
  readonly parameters: ReadonlyMap<string, Parameter>;
}
