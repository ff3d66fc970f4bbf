/** Takes over somebody else's tensorflow.js model as a host in which seeds can grow. */
import type * as tf from '@tensorflow/tfjs';
import { EsperError } from '../../contracts/failure.ts';
import type { Span } from '../../contracts/index.ts';
import type { OptimizerConfig } from '../../contracts/run-config.ts';
import { createNetwork } from '../create-network.ts';
import { activationOf } from '../layer-ops.ts';
import type { TensorRuntime } from '../runtime.ts';
import { scoped } from '../scoped.ts';
import { shapesOf } from '../slots.ts';
import type { GrowingNetwork, HostSpec, LayerSpec } from '../types.ts';
import { isSoftmax } from './activations.ts';
import { checkGuest } from './check-guest.ts';
import type { Draft } from './draft.ts';
import { type ModelReading, readModel } from './read-model.ts';
import { unsupported } from './refusal.ts';
import { defaultSites } from './sites.ts';
import { translate } from './translate.ts';

export interface WrapOrder {
  /** Opened before the model was built, so that its weights lie there already. */
  readonly runtime: TensorRuntime;
  readonly optimizer: OptimizerConfig;
  readonly runSeed: number;
  /** A softmax at the end of the model becomes part of `softmax_cross_entropy`, and comes back in answers and exports. */
  readonly loss: HostSpec['loss'];
  /** Kinds of slots: `layer` and `residual` unless said. */
  readonly spans?: readonly Span[];
  /** Names of the layers whose output takes residual seeds; those that `defaultSites` finds unless said. */
  readonly sites?: readonly string[];
  /** Residual slots per site, each over its own share of the features; 1 unless said. */
  readonly chunks?: number;
}

/** Where the layers of a model went: by name, the last of our layers (1-based) that it became. */
type Index = ReadonlyMap<string, number>;

/**
 * The model as a growing network. It shares the model's weights by reference and never writes to them: the model stays
 * as it is and usable, and the network keeps its weights when the model is disposed. The caller disposes the network.
 *
 * Regularisers and constraints of the model's layers take no part: the loss is `loss` alone.
 *
 * @throws NN_WRAP_UNSUPPORTED, NN_WRAP_SITE_UNKNOWN, NN_LAYER_UNKNOWN, NN_HOST_INVALID
 */
export function wrap(model: tf.LayersModel, order: WrapOrder): GrowingNetwork {
  const { runtime, optimizer, runSeed, spans = ['layer', 'residual'] } = order;
  const reading = readModel(model);
  const { drafts, index, ends } = wire(reading);
  const host = hostOf(reading, drafts, index, order);
  if (runtime.capabilities.syncRead) checkGuests(runtime, reading, ends, host);
  const given = (layer: number) =>
    new Map([...(drafts[layer - 1]?.weights ?? [])].map(([key, weight]) => [key, weight.read()]));
  return scoped(() => createNetwork({ runtime, host, spans, optimizer, runSeed, given }));
}

interface Wired {
  readonly drafts: readonly Draft[];
  readonly index: Index;
  /** Our number of what each visit gives, from 1; 0 is the input. Inside of models, names come twice. */
  readonly ends: readonly number[];
}

/** All layers with what they read, by their numbers in the host. */
function wire({ visits }: ModelReading): Wired {
  const drafts: Draft[] = [];
  const ends = [0];
  const index = new Map<string, number>();
  for (const visit of visits) {
    translate(visit).forEach((draft, i) => {
      const from = i === 0 ? visit.sources.map((source) => ends[source]!) : [drafts.length];
      drafts.push({ ...draft, spec: { ...draft.spec, from } as LayerSpec });
    });
    ends.push(drafts.length);
    index.set(visit.layer.name, drafts.length);
  }
  return { drafts, index, ends };
}

function hostOf(
  { inputShape, visits }: ModelReading,
  drafts: readonly Draft[],
  index: Index,
  order: WrapOrder,
) {
  const { loss, sites, chunks } = order;
  const { layer, output } = visits.at(-1)!;
  const layers = drafts.map(({ spec }) => spec);
  const logits = loss === 'softmax_cross_entropy';
  const head = logits && layers.length > 1 && isSoftmax(layers.at(-1)!, output.length);
  if (head) layers.pop();
  if (logits && (output.length > 1 || activationOf(layers.at(-1)!) !== 'linear')) {
    const shape = output.length > 1 ? `of shape [${output.join(', ')}]` : activationOf(layers.at(-1)!);
    throw unsupported(
      layer.name,
      `gives answers (${shape}) that softmax cross entropy cannot read`,
      "end the model in logits or a softmax, one list of numbers a row, or use the loss 'mse'",
    );
  }
  if (output.length > 1) layers.push({ op: 'reshape', shape: [size(output)] });
  const plain: HostSpec = {
    inputs: size(inputShape),
    inputShape,
    layers,
    loss,
    start: 'glorot',
    ...(head ? { head: 'softmax' as const } : {}),
    ...(output.length > 1 ? { outputShape: output } : {}),
    ...(chunks === undefined ? {} : { chunks }),
  };
  const host = { ...plain, sites: sites?.map((name) => siteOf(name, index, layers)) ?? defaultSites(plain) };
  checkChunks(host, layer.name);
  return host;
}

function checkGuests(
  runtime: TensorRuntime,
  { visits }: ModelReading,
  ends: readonly number[],
  host: HostSpec,
): void {
  for (const [i, visit] of visits.entries()) {
    const spec = host.layers[ends[i + 1]! - 1];
    if (spec?.op === 'foreign' && spec.className === visit.className) checkGuest(runtime, visit, spec);
  }
}

function siteOf(name: string, index: Index, layers: readonly LayerSpec[]): number {
  const site = index.get(name);
  if (site !== undefined && site < layers.length) return site;
  throw new EsperError(
    'NN_WRAP_SITE_UNKNOWN',
    `no hidden layer of this model is called ${name}`,
    { name, names: [...index.keys()] },
    { hint: 'use names as model.summary() prints them; the output layer takes no seeds' },
  );
}

function checkChunks(host: HostSpec & { readonly sites: readonly number[] }, name: string): void {
  const shapes = shapesOf(host);
  const narrow = host.sites.find((site) => shapes[site]!.at(-1)! < (host.chunks ?? 1));
  if (narrow === undefined) return;
  const features = shapes[narrow]!.at(-1)!;
  throw unsupported(
    name,
    `has a site of only ${features} features for ${host.chunks} chunks`,
    'use fewer chunks',
  );
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
