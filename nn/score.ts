/** Which of many possible seeds would help most, judged before any is planted. */
import { clone, dispose, keep, mul, type Tensor } from './adapters/tensorflow.ts';
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
import { addEvidence, type Evidence, noEvidence, type ZeroMap, zeroMapsOf } from './zero-maps.ts';

interface Candidate {
  readonly seed: Seed;
  /** By id of the node that starts at zero. */
  readonly evidence: Map<string, Evidence>;
}

/**
 * Residual-gradient scores. With A the values `[rows, units]` that a candidate's zero maps read and g the gradient of
 * the loss where their output would be added, unit j can lower the loss by a step along `A_j'g`; per unit of activity
 * that is `|A_j'g| / |A_j|`. The score is the length of this vector over all units: finite always, 0 for dead units.
 * At a map with a window every pixel is a row, and every tap of the window a unit; at a gain the normalised features are.
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
  readonly map: ZeroMap;
  readonly evidence: Evidence;
  readonly slope: Tensor;
  /** `[rows, ...shape]` */
  readonly activity: Tensor;
  readonly shape: readonly number[];
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
    const next = (size: number) => {
      at += size;
      return packed.subarray(at - size, at);
    };
    for (const { map, evidence, slope, activity, shape } of heard) {
      addEvidence(map, evidence, next(slope.size), { data: next(activity.size), shape });
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
  const zeroMaps = zeroMapsOf(body, state.layers);
  const learning = new Map(zeroMaps.map((map) => [body.parameters.get(map.key)!, map]));
  const input = tape.still(inputOf(tape, pass, seed));
  const learns = (parameter: Parameter) => learning.has(parameter);
  const { output, values } = runBody(tape, body, input, { learns, layers: state.layers });
  tape.backwardFrom(output, gradient);
  spend(tape.multiplyAdds);
  return [...tape.gradients()].flatMap(([parameter, slope]) => {
    const map = learning.get(parameter);
    if (map === undefined || slope === null) return [];
    const sums = evidence.get(map.key) ?? noEvidence(map, parameter.shape);
    evidence.set(map.key, sums);
    const read = values.get(map.from)!;
    const activity = keep(clone(read.tensor));
    return [{ map, evidence: sums, slope: keep(slope), activity, shape: read.shape }];
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
