/** The grown network as a tensorflow.js LayersModel, for people who never heard of Esper. */
import * as tf from '../adapters/tensorflow.ts';
import { outputOf, runLive, type View } from '../forward.ts';
import type { HostNetwork } from '../network.ts';
import { inputShapeOf } from '../slots.ts';
import { LayersBuilder } from './layers-builder.ts';

export interface LayersExport {
  /** What goes into `model.json`; it names `weights.bin` as its only weights file. */
  readonly modelJson: unknown;
  /** What goes into `weights.bin`: float32, little endian. */
  readonly weights: Uint8Array;
}

/** What stays: the host and its permanent branches. */
const permanent: View = {
  share: ({ fossil }) => (fossil ? 1 : 0),
  hostLearns: false,
  seedLearns: () => false,
};

/**
 * Host and fossils as standard layers; layers of others as themselves, so whoever loads the model must know their
 * classes. Frees every tensor it makes.
 * @returns why some part has no place in a LayersModel, where one has none
 */
export async function toLayersModel(network: HostNetwork): Promise<LayersExport | string> {
  const builder = new LayersBuilder();
  try {
    const model = draw(network, builder);
    if (builder.obstacle !== null) return builder.obstacle;
    const named = model.weights.map((weight) => ({ name: weight.originalName, tensor: weight.read() }));
    const { data, specs } = await tf.io.encodeWeights(named);
    const modelJson = {
      format: 'layers-model',
      generatedBy: 'esper',
      convertedBy: null,
      modelTopology: model.toJSON(null, false),
      weightsManifest: [{ paths: ['weights.bin'], weights: specs }],
    };
    return { modelJson, weights: new Uint8Array(data) };
  } finally {
    builder.dispose();
  }
}

function draw(network: HostNetwork, builder: LayersBuilder): tf.LayersModel {
  const { spec } = network;
  const x = builder.input(inputShapeOf(spec));
  const pass = runLive(network, builder, permanent, x);
  const shaped =
    spec.outputShape === undefined ? outputOf(pass) : builder.reshape(outputOf(pass), spec.outputShape);
  const answer = spec.head === 'softmax' ? builder.softmax(shaped) : shaped;
  const model = tf.layersPart().model({ inputs: x.symbolic!, outputs: answer.symbolic!, name: 'esper' });
  builder.fill();
  return model;
}
