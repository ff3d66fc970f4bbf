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

/**
 * One node. `dense` owns weights `[from, units]` and, unless `bias: false`, `[units]`; `start: 'zero'` makes it exactly zero at birth.
 * The others own nothing: `activate` maps, `multiply` and `add` combine two equal shapes.
 */
export const BlueprintNode = Type.Union([
  Type.Object(
    {
      op: Type.Literal('dense'),
      id: Type.String(),
      from: Type.String(),
      units: Width,
      activation: Activation,
      bias: Type.Boolean(),
      start: Type.Union([
        Type.Literal('he'),
        Type.Literal('glorot'),
        Type.Literal('wide'),
        Type.Literal('zero'),
      ]),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    { op: Type.Literal('activate'), id: Type.String(), from: Type.String(), activation: Activation },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      op: Type.Union([Type.Literal('multiply'), Type.Literal('add')]),
      id: Type.String(),
      from: Type.Tuple([Type.String(), Type.String()]),
    },
    { additionalProperties: false },
  ),
]);
export type BlueprintNode = Static<typeof BlueprintNode>;

export const BLUEPRINT_FAMILIES = ['widen', 'bottleneck', 'gated', 'gaussian', 'cascade'] as const;
export const SPANS = ['layer', 'residual', 'cascade'] as const;
/**
 * What a slot spans. `layer`: from a layer's input to the next layer's pre-activation (k hidden units of a seed *are* k new units).
 * `residual`: from a tensor to itself. `cascade`: from the input and all earlier cascade fossils to the output.
 */
export const Span = Type.Union(SPANS.map((span) => Type.Literal(span)));
export type Span = Static<typeof Span>;

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
