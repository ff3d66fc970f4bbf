/** Blueprints are data: a graph of allow-listed operations. Nothing in one is ever evaluated as code. */
import { type Static, Type } from '@sinclair/typebox';
import { BlueprintId, Count, Finite, KernelId } from './units.ts';

export const ACTIVATIONS = ['linear', 'relu', 'tanh', 'sigmoid', 'gaussian'] as const;
export const Activation = Type.Union(ACTIVATIONS.map((name) => Type.Literal(name)));
export type Activation = Static<typeof Activation>;

/** A width: a fixed number, or that of the slot's input or output. */
const Width = Type.Union([
  Type.Integer({ minimum: 1, maximum: 4096 }),
  Type.Literal('in'),
  Type.Literal('out'),
]);

const strict = { additionalProperties: false } as const;
const Start = Type.Union([
  Type.Literal('he'),
  Type.Literal('glorot'),
  Type.Literal('wide'),
  Type.Literal('zero'),
]);
/** Side of a square window. */
const Side = Type.Union([Type.Literal(1), Type.Literal(3), Type.Literal(5), Type.Literal(7)]);
const named = { id: Type.String(), from: Type.String() };
const weighted = { ...named, activation: Activation, bias: Type.Boolean(), start: Start };

/**
 * One node. With weights: `dense` over the last axis, `[from, units]`; `conv` over square windows of an image, stride 1,
 * same padding; `depthwise` likewise, each channel by itself; `map` is what the host has in this place: a map like the one
 * of the layer a seed widens (`source`) or of the layer it feeds (`target`), window and all; `norm` over the features of
 * each place, with a gain and an offset. `bias: false` leaves the offsets away; `start: 'zero'` makes a node exactly zero at birth.
 *
 * Without: `activate` maps, `multiply` and `add` combine two equal shapes, `squeeze` takes the mean over places, `gate`
 * multiplies every place of its first source with its second, `attend` is attention with queries, keys and values, `follow`
 * is whatever the host does, without weights, between the widened layer and the one it feeds (pooling, for instance).
 */
export const BlueprintNode = Type.Union([
  Type.Object({ op: Type.Literal('dense'), ...weighted, units: Width }, strict),
  Type.Object({ op: Type.Literal('conv'), ...weighted, units: Width, size: Side }, strict),
  Type.Object({ op: Type.Literal('depthwise'), ...weighted, size: Side }, strict),
  Type.Object(
    {
      op: Type.Literal('map'),
      ...weighted,
      units: Width,
      like: Type.Union([Type.Literal('source'), Type.Literal('target')]),
    },
    strict,
  ),
  Type.Object(
    { op: Type.Literal('norm'), ...named, start: Type.Union([Type.Literal('one'), Type.Literal('zero')]) },
    strict,
  ),
  Type.Object({ op: Type.Literal('activate'), ...named, activation: Activation }, strict),
  Type.Object({ op: Type.Union([Type.Literal('squeeze'), Type.Literal('follow')]), ...named }, strict),
  Type.Object(
    {
      op: Type.Union([Type.Literal('multiply'), Type.Literal('add'), Type.Literal('gate')]),
      id: Type.String(),
      from: Type.Tuple([Type.String(), Type.String()]),
    },
    strict,
  ),
  Type.Object(
    {
      op: Type.Literal('attend'),
      id: Type.String(),
      from: Type.Tuple([Type.String(), Type.String(), Type.String()]),
      heads: Type.Integer({ minimum: 1, maximum: 64 }),
    },
    strict,
  ),
]);
export type BlueprintNode = Static<typeof BlueprintNode>;

export const BLUEPRINT_FAMILIES = [
  'widen',
  'bottleneck',
  'gated',
  'gaussian',
  'cascade',
  'norm',
  'depthwise',
  'pointwise',
  'squeeze-excite',
  'light',
  'heavy',
  'attention',
  'low-rank',
] as const;
export const SPANS = ['layer', 'residual', 'cascade'] as const;
/**
 * What a slot spans. `layer`: from a layer's input to the next layer's pre-activation (k hidden units of a seed *are* k new units).
 * `residual`: from a tensor to itself. `cascade`: from the input and all earlier cascade fossils to the output.
 */
export const Span = Type.Union(SPANS.map((span) => Type.Literal(span)));
export type Span = Static<typeof Span>;

/** What a row is at a place of the host: a list of numbers, `[height, width, channels]`, or `[places, width]`. */
export const ROW_KINDS = ['vector', 'image', 'sequence'] as const;
export const RowKind = Type.Union(ROW_KINDS.map((kind) => Type.Literal(kind)));
export type RowKind = Static<typeof RowKind>;

/** A plan a seed can follow. `output` names the node whose value is the seed's output, width `out`; `in` names its input. */
export const BlueprintIR = Type.Object(
  {
    id: BlueprintId,
    family: Type.Union(BLUEPRINT_FAMILIES.map((family) => Type.Literal(family))),
    spans: Type.Array(Span, { minItems: 1 }),
    nodes: Type.Array(BlueprintNode, { minItems: 1, maxItems: 1000 }),
    output: Type.String(),
    /** Cascade units must be frozen or the cascade fails; widening and residual seeds keep learning. */
    onFossilize: Type.Union([Type.Literal('frozen'), Type.Literal('trainable')]),
    tags: Type.Array(Type.String()),
    description: Type.String(),
  },
  { additionalProperties: false },
);
export type BlueprintIR = Static<typeof BlueprintIR>;

/** Units that a widening blueprint adds to its layer; 0 for the other families. */
export function widenedUnits({ family, nodes }: BlueprintIR): number {
  const first = nodes.find((node) => (node.op === 'dense' || node.op === 'map') && node.from === 'in');
  return family === 'widen' && first && 'units' in first && typeof first.units === 'number' ? first.units : 0;
}

/** A blueprint after Tezzeret: checked, costed, content-addressed. Shapes stay symbolic until it meets a slot. */
export const Kernel = Type.Object({
  kernelId: KernelId,
  blueprint: BlueprintIR,
  pipeline: Type.Union([Type.Literal('fast'), Type.Literal('standard'), Type.Literal('aggressive')]),
  compileMs: Finite,
  /** Units with trainable weights of their own, at the reference width 64. */
  referenceParameters: Count,
});
export type Kernel = Static<typeof Kernel>;

export const VERDICTS = ['VALIDATED', 'REJECTED'] as const;
/** Urabrask's finding. Every figure was measured on this machine. */
export const Certificate = Type.Object({
  kernelId: KernelId,
  blueprintId: BlueprintId,
  verdict: Type.Union([Type.Literal('VALIDATED'), Type.Literal('REJECTED')]),
  riskScore: Type.Number({ minimum: 0, maximum: 1 }),
  hazardBand: Type.Union([
    Type.Literal('LOW'),
    Type.Literal('MEDIUM'),
    Type.Literal('HIGH'),
    Type.Literal('CRITICAL'),
  ]),
  tags: Type.Array(Type.String()),
  reasons: Type.Array(Type.String()),
  probes: Type.Record(Type.String(), Type.Union([Type.Number(), Type.Null(), Type.Boolean()])),
});
export type Certificate = Static<typeof Certificate>;

/** What Tamiyo may choose from: certified kernels only. Pinned at the start of a run and journaled with it. */
export const CatalogueEntry = Type.Object({ kernel: Kernel, certificate: Certificate });
export type CatalogueEntry = Static<typeof CatalogueEntry>;
