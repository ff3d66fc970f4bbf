/** Why a host cannot be built: asked of configurations, of models taken over, and of files that nobody has to trust. */
import { ACTIVATIONS } from '../contracts/blueprint.ts';
import { activationOf, hasUnits, isDense, shapeComplaint, sourcesOfLayer } from './layer-ops.ts';
import type { Window } from './ops.ts';
import { inputShapeOf, shapesOf } from './slots.ts';
import type { HostSpec, LayerSpec } from './types.ts';

type Op = NonNullable<LayerSpec['op']>;

const OPS: ReadonlySet<unknown> = new Set<Op>([
  'dense',
  'conv',
  'depthwise',
  'pool',
  'squeeze',
  'norm',
  'activate',
  'add',
  'multiply',
  'concat',
  'reshape',
  'upsample',
  'embed',
  'dropout',
  'foreign',
]);
/** Layers that may read more than one other. */
const JOINS: ReadonlySet<unknown> = new Set<Op>(['add', 'multiply', 'concat', 'foreign']);

const whole = (n: unknown) => Number.isSafeInteger(n) && (n as number) > 0;
const oneOf = (known: readonly unknown[]) => (value: unknown) => known.includes(value);
const listOf = (fits: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.length > 0 && value.every(fits);
const optional = (fits: (value: unknown) => boolean) => (value: unknown) =>
  value === undefined || fits(value);
const flag = (value: unknown) => typeof value === 'boolean';

/** What stands in a field, wherever it stands; the shapes of a foreign layer are its own affair. */
const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  units: whole,
  words: whole,
  by: whole,
  shape: listOf(whole),
  activation: oneOf(ACTIVATIONS),
  rate: (n) => typeof n === 'number' && n >= 0 && n < 1,
  kind: oneOf(['max', 'mean']),
  window: (value) => isWindow(value as Window),
  how: (value) => {
    const { kind, epsilon, momentum } = value as Record<string, unknown>;
    return (
      oneOf(['batch', 'layer'])(kind) && share(momentum) && Number.isFinite(epsilon) && Number(epsilon) >= 0
    );
  },
  frozen: optional(flag),
  bias: optional(flag),
  gamma: optional(flag),
  beta: optional(flag),
};

const share = (n: unknown) => typeof n === 'number' && n >= 0 && n <= 1;
const isWindow = ({ size, stride, padding }: Window) =>
  [size, stride].every((sides) => listOf(whole)(sides) && sides.length === 2) &&
  oneOf(['same', 'valid'])(padding);

/** Fields without which a kind of layer is none. */
const NEEDS: Partial<Readonly<Record<Op, readonly string[]>>> = {
  dense: ['units', 'activation'],
  conv: ['units', 'window', 'activation'],
  depthwise: ['window', 'activation'],
  pool: ['kind', 'window'],
  squeeze: ['kind'],
  norm: ['how'],
  activate: ['activation'],
  reshape: ['shape'],
  upsample: ['by'],
  embed: ['words', 'units'],
  dropout: ['rate'],
};

/** @returns what is wrong, to continue "this host cannot be built: ..."; null when nothing is */
export function hostComplaint(host: HostSpec): string | null {
  const { inputs, layers, loss } = host;
  if (!Array.isArray(layers) || layers.length === 0) return 'it has no layers';
  if (!whole(inputs) || !layers.every((layer) => !('units' in layer) || whole(layer.units))) {
    return 'widths must be whole numbers above 0';
  }
  const shape = inputShapeOf(host);
  if (!listOf(whole)(shape) || size(shape) !== inputs) {
    return `rows of ${inputs} numbers do not fill the shape [${[shape].flat().join(', ')}]`;
  }
  const complaint = layersComplaint(host) ?? shapesComplaint(host) ?? placesComplaint(host);
  if (complaint !== null) return complaint;
  const logits = activationOf(layers.at(-1)!) === 'linear';
  return loss === 'softmax_cross_entropy' && !logits
    ? 'softmax cross entropy reads logits, so the output activation must be linear'
    : null;
}

/** Layer by layer: known words, and nothing read that does not come before. */
function layersComplaint({ layers }: HostSpec): string | null {
  for (const [i, spec] of layers.entries()) {
    const op = isDense(spec) ? 'dense' : spec.op;
    if (!OPS.has(op)) return `layer ${i + 1} is of no kind that is known (${op})`;
    const fields = spec as unknown as Readonly<Record<string, unknown>>;
    const missing = NEEDS[op]?.find((field) => fields[field] === undefined);
    if (missing !== undefined) return `layer ${i + 1} does not say its ${missing}`;
    const odd = Object.keys(fields).find((field) => FIELDS[field]?.(fields[field]) === false);
    if (odd !== undefined) return `layer ${i + 1} has an impossible ${odd}: ${JSON.stringify(fields[odd])}`;
    const sources = sourcesOfLayer(spec, i + 1);
    const bad = sources.find((from) => !Number.isInteger(from) || from < 0 || from > i);
    if (bad !== undefined) return `layer ${i + 1} reads layer ${bad}, which does not come before it`;
    if (sources.length === 0) return `layer ${i + 1} reads nothing`;
    if (sources.length > 1 && !JOINS.has(op)) return `layer ${i + 1} can read only one other`;
  }
  return null;
}

function shapesComplaint(host: HostSpec): string | null {
  const shapes = shapesOf(host);
  const odd = shapes.findIndex((shape) => !shape.every(whole));
  if (odd >= 0) return `layer ${odd} would have the shape [${shapes[odd]!.join(', ')}]`;
  for (const [i, spec] of host.layers.entries()) {
    const inputs = sourcesOfLayer(spec, i + 1).map((from) => shapes[from]!);
    const complaint = shapeComplaint(spec, inputs);
    if (complaint !== null) return `layer ${i + 1} ${complaint}`;
  }
  const out = shapes.at(-1)!;
  if (out.length !== 1) return 'its output is not one list of numbers a row';
  const { outputShape } = host;
  return outputShape === undefined || (listOf(whole)(outputShape) && size(outputShape) === out[0])
    ? null
    : `${out[0]} outputs do not fill the shape [${[outputShape].flat().join(', ')}]`;
}

/** Sites must be hidden layers, and wide enough to be shared out. */
function placesComplaint(host: HostSpec): string | null {
  const { layers, chunks = 1, sites = layers.flatMap((layer, i) => (hasUnits(layer) ? [i + 1] : [])) } = host;
  if (!whole(chunks)) return `its sites cannot be cut into ${chunks} shares`;
  const odd = host.sites?.find((site) => !whole(site) || site >= layers.length);
  if (odd !== undefined) return `seeds cannot sit behind layer ${odd}: only behind hidden layers`;
  const shapes = shapesOf(host);
  const narrow = sites.find((site) => site < layers.length && shapes[site]!.at(-1)! < chunks);
  return narrow === undefined ? null : `layer ${narrow} has too few features for ${chunks} shares`;
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
