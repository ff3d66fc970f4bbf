/** Turns gradients into new weights. Each weight has its own age, so late weights are not treated as old ones. */
import type { Tensor } from '@tensorflow/tfjs';
import type { OptimizerConfig } from '../contracts/run-config.ts';
import { allFinite } from './grid.ts';
import type { Parameter } from './parameter.ts';
import type { TensorRuntime, UpdateRule } from './runtime.ts';

/** New numbers for one parameter, not yet written anywhere. The caller keeps or disposes them. */
export interface Update {
  readonly value: Tensor;
  readonly moments: readonly Tensor[];
  readonly finite: boolean;
}

/** Moment arrays that an optimiser keeps for each weight. */
export const momentCountOf = ({ name }: OptimizerConfig) =>
  ({ sgd: 0, momentum: 1, adam: 2, adamw: 2 })[name];

/**
 * One optimiser step of one parameter, in a single pass over its numbers: a dozen tensor calls cost more than the
 * arithmetic at the sizes that grow here. Where the backend has such a pass of its own, it does it.
 * @param scale gradient factor from clipping, 1 without
 */
export function updateOf(
  runtime: TensorRuntime,
  config: OptimizerConfig,
  parameter: Parameter,
  gradient: Tensor,
  { rate, scale }: { readonly rate: number; readonly scale: number },
): Update {
  // Biases are offsets, not slopes: decaying them buys no smoothness.
  const decay = parameter.shape.length > 1 ? config.weightDecay : 0;
  const { value, moments, births } = parameter;
  if (runtime.updater !== undefined) {
    const correctionAt = corrections(config.beta1, config.beta2, parameter.updates + 1);
    const block = { value, moments, gradient, births };
    return runtime.updater.update(ruleOf(config, { rate, scale, decay }), block, correctionAt);
  }
  const update = { adam, adamw: adam, momentum, sgd }[config.name];
  const next = update(config, parameter, {
    old: runtime.peek(value),
    moments: moments.map((moment) => runtime.peek(moment)),
    gradient: runtime.peek(gradient),
    rate,
    scale,
    decay,
  });
  const upload = (data: Float32Array) => runtime.upload(data, parameter.shape);
  return {
    finite: allFinite(next.value) && next.moments.every(allFinite),
    value: upload(next.value),
    moments: next.moments.map(upload),
  };
}

function ruleOf(
  config: OptimizerConfig,
  { rate, scale, decay }: { readonly rate: number; readonly scale: number; readonly decay: number },
): UpdateRule {
  const apart = config.name === 'adamw';
  return {
    name: config.name === 'adamw' ? 'adam' : config.name,
    rate,
    scale,
    decay: apart ? 0 : decay,
    shrink: apart ? 1 - rate * decay : 1,
    beta1: config.name === 'momentum' ? config.momentum : config.beta1,
    beta2: config.beta2,
    epsilon: config.epsilon,
  };
}

interface Numbers {
  readonly old: Float32Array;
  readonly moments: readonly Float32Array[];
  readonly gradient: Float32Array;
  readonly rate: number;
  readonly scale: number;
  readonly decay: number;
}

function sgd(_: OptimizerConfig, __: Parameter, { old, gradient, rate, scale, decay }: Numbers) {
  const value = new Float32Array(old.length);
  for (let i = 0; i < old.length; i++) value[i] = old[i]! - rate * (gradient[i]! * scale + decay * old[i]!);
  return { value, moments: [] };
}

function momentum(config: OptimizerConfig, _: Parameter, numbers: Numbers) {
  const { old, moments, gradient, rate, scale, decay } = numbers;
  const value = new Float32Array(old.length);
  const speed = new Float32Array(old.length);
  const before = moments[0]!;
  for (let i = 0; i < old.length; i++) {
    const v = config.momentum * before[i]! + gradient[i]! * scale + decay * old[i]!;
    speed[i] = v;
    value[i] = old[i]! - rate * v;
  }
  return { value, moments: [speed] };
}

/** @see Kingma and Ba, "Adam", 2015; decoupled decay: Loshchilov and Hutter, 2019 */
function adam(config: OptimizerConfig, parameter: Parameter, numbers: Numbers) {
  const { old, moments, gradient, rate, scale, decay } = numbers;
  const { beta1, beta2, epsilon } = config;
  const [m0, v0] = [moments[0]!, moments[1]!];
  const [value, m1, v1] = [0, 1, 2].map(() => new Float32Array(old.length)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const coupled = config.name === 'adam' ? decay : 0;
  const shrink = config.name === 'adamw' ? 1 - rate * decay : 1;
  const { births, updates } = parameter;
  const correctionAt = corrections(beta1, beta2, updates + 1);
  let birth = typeof births === 'number' ? births : births[0]!;
  let { first, second } = correctionAt(birth);
  for (let i = 0; i < old.length; i++) {
    if (typeof births !== 'number' && births[i] !== birth) {
      birth = births[i]!;
      ({ first, second } = correctionAt(birth));
    }
    const g = gradient[i]! * scale + coupled * old[i]!;
    const m = beta1 * m0[i]! + (1 - beta1) * g;
    const v = beta2 * v0[i]! + (1 - beta2) * g * g;
    m1[i] = m;
    v1[i] = v;
    value[i] = shrink * old[i]! - (rate * m * first) / (Math.sqrt(v * second) + epsilon);
  }
  return { value, moments: [m1, v1] };
}

/** Bias corrections by birth, remembered: weights of one age lie in runs. */
function corrections(beta1: number, beta2: number, now: number) {
  const known = new Map<number, { first: number; second: number }>();
  return (birth: number) => {
    let found = known.get(birth);
    if (found === undefined) {
      const age = now - birth;
      found = { first: 1 / (1 - beta1 ** age), second: 1 / (1 - beta2 ** age) };
      known.set(birth, found);
    }
    return found;
  };
}
