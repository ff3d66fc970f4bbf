/** A host that cannot be built is refused with the layer and the reason, before anything is drawn. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createNetwork,
  type HostSpec,
  type LayerSpec,
  openTensorRuntime,
  type TensorRuntime,
} from '../../nn/index.ts';
import { conv, dense, hostOver, squeeze } from './landscapes.ts';
import { adam } from './worlds.ts';

const odd = (layer: object) => layer as LayerSpec;
const plain = hostOver([6], dense(4));

const BAD: ReadonlyArray<readonly [string, HostSpec, RegExp]> = [
  ['no layers', { ...plain, layers: [] }, /no layers/],
  ['a kind of layer that nobody knows', hostOver([6], odd({ op: 'guess' })), /layer 1 is of no kind/],
  ['a sum of nothing', hostOver([6], { op: 'add', from: [] }), /layer 1 reads nothing/],
  ['half a layer read', hostOver([6], { op: 'add', from: [0.5] }), /reads layer 0.5/],
  ['a layer that reads itself', hostOver([6], { op: 'add', from: [1] }), /reads layer 1/],
  ['a dense layer with two sources', hostOver([6], dense(6), odd({ ...dense(3), from: [0, 1] })), /only one/],
  ['everything dropped', hostOver([6], { op: 'dropout', rate: 1 }), /impossible rate: 1/],
  ['less than nothing dropped', hostOver([6], { op: 'dropout', rate: -0.5 }), /impossible rate/],
  ['no words', hostOver([6], odd({ op: 'embed', words: 0, units: 2 }), squeeze), /impossible words/],
  ['pixels one and a half times', hostOver([4, 4, 1], { op: 'upsample', by: 1.5 }, squeeze), /impossible by/],
  [
    'a window without height',
    hostOver([4, 4, 1], conv(2, { size: [0, 3], stride: [1, 1], padding: 'same' }), squeeze),
    /impossible window/,
  ],
  ['a norm of less than nothing', hostOver([6], norm({ epsilon: -1 })), /impossible how/],
  [
    'a bend that nobody knows',
    hostOver([6], odd({ ...dense(3), activation: 'swish' })),
    /impossible activation/,
  ],
  [
    'a map without an activation',
    hostOver([6], odd({ op: 'dense', units: 3 })),
    /does not say its activation/,
  ],
  ['seeds behind the output', { ...plain, sites: [2] }, /behind layer 2/],
  ['seeds behind nothing', { ...plain, sites: [9] }, /behind layer 9/],
  ['shares without features', { ...plain, chunks: 5 }, /layer 1 has too few features for 5 shares/],
  ['no shares', { ...plain, chunks: 0 }, /cannot be cut into 0/],
  ['answers of another shape', { ...plain, outputShape: [3] }, /2 outputs do not fill/],
  ['rows of another shape', { ...plain, inputShape: [-2, -3] }, /do not fill the shape/],
];

function norm(how: object): LayerSpec {
  return { op: 'norm', how: { kind: 'layer', epsilon: 1e-3, momentum: 0, ...how } };
}

describe('a host', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('cpu');
  });

  it.each(BAD)('with %s is refused', (_, host, says) => {
    const before = runtime.memory().tensors;
    const build = () =>
      createNetwork({ runtime, host, spans: ['layer', 'residual'], optimizer: adam, runSeed: 1 });

    expect(build).toThrow(
      expect.objectContaining({ code: 'NN_HOST_INVALID', message: expect.stringMatching(says) }),
    );
    expect(runtime.memory().tensors).toBe(before);
  });

  it('frees what it drew when there is no room for the rest', () => {
    const before = runtime.memory().tensors;
    let room = 3;
    const narrow: TensorRuntime = {
      ...runtime,
      upload(data, shape) {
        if (room === 0) throw new Error('full');
        room--;
        return runtime.upload(data, shape);
      },
    };
    const build = (uploads: number) => () => {
      room = uploads;
      const optimizer = { ...adam, name: 'sgd' } as const;
      createNetwork({ runtime: narrow, host: plain, spans: [], optimizer, runSeed: 1 }).dispose();
    };

    for (const uploads of [0, 1, 2, 3]) expect(build(uploads)).toThrow('full');
    build(4)();
    expect(runtime.memory().tensors).toBe(before);
  });
});
