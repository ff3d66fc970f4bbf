/** Which of many possible seeds would help most, judged before any is planted. */
import { clone, dispose, keep, mul, type Tensor } from '@tensorflow/tfjs';
import { lossOnDevice } from './device/loss.ts';
import { inputOf, outputOf, type Pass, runLive, type View } from './forward.ts';
import { bodySize, disposeBody, type Seed } from './host-state.ts';
import { lossAndGradient } from './loss-head.ts';
import type { HostNetwork } from './network.ts';
import type { Parameter } from './parameter.ts';
import { blocksOf } from './rows.ts';
import type { TensorRuntime } from './runtime.ts';
import { scoped } from './scoped.ts';
import { runBody } from './seed-body.ts';
import { inputShapeOf } from './slots.ts';
import { Tape, type Var } from './tape/tape.ts';
import type { CandidateDraw, CandidateScore, Rows } from './types.ts';
import { liveShare } from './views.ts';

/** Sums over all rows for one zero map: `A'g` `[units, out]` and the squares of `A` by unit. */
interface Evidence {
  readonly slope: Float64Array;
  readonly energy: Float64Array;
  readonly outputs: number;
}

interface Candidate {
  readonly seed: Seed;
  /** By id of the dense node that starts at zero. */
  readonly evidence: Map<string, Evidence>;
}

/**
 * Residual-gradient scores. With A the values `[rows, units]` that a candidate's zero maps read and g the gradient of
 * the loss where their output would be added, unit j can lower the loss by a step along `A_j'g`; per unit of activity
 * that is `|A_j'g| / |A_j|`. The score is the length of this vector over all units: finite always, 0 for dead units.
 *
 * One pass over `rows`; no weights change.
 *
 * @throws NN_SLOT_MISFIT
 * @see Fahlman and Lebiere, "The cascade-correlation learning architecture", 1990; Evci et al., "GradMax", 2022
 */
export async function scoreCandidates(
  network: HostNetwork,
  draws: readonly CandidateDraw[],
  rows: Rows,
  spend: (multiplyAdds: number) => void,
): Promise<readonly CandidateScore[]> {
  const candidates: Candidate[] = [];
  try {
    for (const draw of draws) candidates.push({ seed: network.grow(draw, 0), evidence: new Map() });
    const watch = new Set(candidates.map(({ seed }) => seed.place.to));
    const view: View = { share: liveShare, hostLearns: false, seedLearns: () => false, watch };
    for (const { inputs, targets, count } of blocksOf(rows)) {
      const weight = count / rows.count;
      const heard = scoped(() => {
        const tape = new Tape({ runtime: network.runtime, rows: count, step: null });
        const pass = runLive(network, tape, view, tape.input(inputs, inputShapeOf(network.spec)));
        tape.backwardFrom(outputOf(pass), slopeOf(network, outputOf(pass).tensor, targets, weight));
        spend(tape.multiplyAdds);
        return candidates.flatMap((candidate) => hear(network, candidate, pass, count, spend));
      });
      await learnFrom(network.runtime, heard);
    }
    return candidates.map(({ seed, evidence }) => ({
      score: lengthOf(evidence.values()),
      parameters: bodySize(seed.body),
    }));
  } finally {
    for (const { seed } of candidates) disposeBody(seed.body);
  }
}

/** What a block of rows says about one zero map, not read yet: its slope and what it reads, kept. */
interface Heard {
  readonly evidence: Evidence;
  readonly slope: Tensor;
  readonly activity: Tensor;
}

/** Gradient of the loss times `weight`, worked out where outputs can be read at once, or else where they are. */
function slopeOf({ runtime, spec }: HostNetwork, outputs: Tensor, targets: Float32Array, weight: number) {
  if (!runtime.capabilities.syncRead) {
    const wanted = runtime.upload(targets, outputs.shape);
    return mul(lossOnDevice(spec.loss, outputs, wanted).gradient, weight);
  }
  const { gradient } = lossAndGradient(spec.loss, runtime.peek(outputs), targets, outputs.shape[0]!);
  return runtime.upload(
    gradient.map((g) => g * weight),
    outputs.shape,
  );
}

/** Reads everything heard at once, adds it to the evidence, and frees it. */
async function learnFrom(runtime: TensorRuntime, heard: readonly Heard[]): Promise<void> {
  const tensors = heard.flatMap(({ slope, activity }) => [slope, activity]);
  try {
    const packed = await runtime.readPacked(tensors);
    let at = 0;
    for (const { evidence, slope, activity } of heard) {
      const units = evidence.energy.length;
      for (let i = 0; i < slope.size; i++) evidence.slope[i]! += packed[at + i]!;
      at += slope.size;
      for (let i = 0; i < activity.size; i++) evidence.energy[i % units]! += packed[at + i]! ** 2;
      at += activity.size;
    }
  } finally {
    dispose(tensors);
  }
}

/** Asks these rows about a candidate. Only its zero maps get a gradient: everything before them stands still. */
function hear(
  { runtime, state }: HostNetwork,
  { seed, evidence }: Candidate,
  pass: Pass<Var>,
  rows: number,
  spend: (multiplyAdds: number) => void,
): readonly Heard[] {
  const { place, body } = seed;
  const gradient = (place.at === 'z' ? pass.z : pass.h)[place.target]?.grad;
  if (!gradient) return [];
  const tape = new Tape({ runtime, rows, step: null });
  const zeroMaps = body.order.filter((node) => node.op === 'dense' && node.start === 'zero');
  const learning = new Set<Parameter | undefined>(zeroMaps.map(({ id }) => body.parameters.get(`${id}.w`)));
  const input = tape.still(inputOf(tape, pass, seed));
  const learns = (parameter: Parameter) => learning.has(parameter);
  const { output, values } = runBody(tape, body, input, { learns, layers: state.layers });
  tape.backwardFrom(output, gradient);
  spend(tape.multiplyAdds);
  return [...tape.gradients()].flatMap(([parameter, slope]) => {
    const node = zeroMaps.find(({ id }) => body.parameters.get(`${id}.w`) === parameter);
    if (node?.op !== 'dense' || slope === null) return [];
    const [units, outputs] = parameter.shape as [number, number];
    const sums = evidence.get(node.id) ?? {
      slope: new Float64Array(units * outputs),
      energy: new Float64Array(units),
      outputs,
    };
    evidence.set(node.id, sums);
    return [{ evidence: sums, slope: keep(slope), activity: keep(clone(values.get(node.from)!.tensor)) }];
  });
}

function lengthOf(all: Iterable<Evidence>): number {
  let total = 0;
  for (const { slope, energy, outputs } of all) {
    energy.forEach((activity, unit) => {
      const row = slope.subarray(unit * outputs, (unit + 1) * outputs);
      total += row.reduce((sum, value) => sum + value * value, 0) / (activity + 1e-12);
    });
  }
  return Number.isFinite(total) ? Math.sqrt(total) : 0;
}
