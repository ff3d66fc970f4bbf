/** The maps of a newborn seed that are exactly zero, and how much each could do once it is not. */
import type { HostLayer } from './host-layer.ts';
import { paddingBefore, windowed } from './layer-ops.ts';
import { hasWeights, LAYER_NORM, windowOf } from './node-ops.ts';
import type { Window } from './ops.ts';
import type { SeedBody } from './seed-body.ts';

export interface ZeroMap {
  /** Key of its block of weights. */
  readonly key: string;
  /** The node that it reads. */
  readonly from: string;
  /** `alone`: each feature has a weight of its own. `gain`: of the normalised features. */
  readonly kind: 'dense' | 'alone' | 'gain';
  /** Null where a place sees only itself. */
  readonly window: Window | null;
}

/** Sums over all rows for one zero map: `A'g` `[units, outputs]` and the squares of `A` by unit. */
export interface Evidence {
  readonly slope: Float64Array;
  readonly energy: Float64Array;
  readonly outputs: number;
}

/** What a map read in a pass: `[rows, ...shape]`. */
interface Read {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export function zeroMapsOf({ order, place }: SeedBody, layers: readonly HostLayer[]): readonly ZeroMap[] {
  const specs = layers.map(({ spec }) => spec);
  return order.flatMap((node): ZeroMap[] => {
    if (node.op === 'norm' && node.start === 'zero') {
      return [{ key: `${node.id}.gamma`, from: node.from, kind: 'gain', window: null }];
    }
    if (!hasWeights(node) || node.start !== 'zero') return [];
    const kind = node.op === 'depthwise' ? 'alone' : 'dense';
    return [{ key: `${node.id}.w`, from: node.from, kind, window: windowOf(node, place, specs) }];
  });
}

/** @param shape of the block: units first, outputs last, but a weight of its own has no other outputs */
export function noEvidence({ kind }: ZeroMap, shape: readonly number[]): Evidence {
  const size = shape.reduce((a, b) => a * b, 1);
  const outputs = kind === 'dense' ? shape.at(-1)! : 1;
  return { slope: new Float64Array(size), energy: new Float64Array(size / outputs), outputs };
}

/** Adds what some rows say. @param slope gradient of the block, row-major */
export function addEvidence(map: ZeroMap, { slope, energy }: Evidence, gradient: Float32Array, read: Read) {
  for (let i = 0; i < slope.length; i++) slope[i]! += gradient[i]!;
  const features = read.shape.at(-1)!;
  if (map.window !== null) addTaps(energy, map.window, read);
  else if (map.kind === 'gain') addUnits(energy, read.data);
  else for (let i = 0; i < read.data.length; i++) energy[i % features]! += read.data[i]! ** 2;
}

/** Squares of the layer-normalised features. */
function addUnits(energy: Float64Array, data: Float32Array): void {
  const features = energy.length;
  for (let at = 0; at < data.length; at += features) {
    const row = data.subarray(at, at + features);
    const mean = row.reduce((sum, value) => sum + value, 0) / features;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / features;
    row.forEach((value, i) => {
      energy[i]! += (value - mean) ** 2 / (variance + LAYER_NORM.epsilon);
    });
  }
}

/** Squares of what each tap of a window sees on its way over the image: exact at the borders too. */
function addTaps(energy: Float64Array, window: Window, { data, shape }: Read): void {
  const [h, w, channels] = shape as [number, number, number];
  const squares = new Float64Array(h * w * channels);
  for (let i = 0; i < data.length; i++) squares[i % squares.length]! += data[i]! ** 2;
  const [outH, outW] = windowed(shape, window);
  const [top, left] = [paddingBefore(h, 0, window), paddingBefore(w, 1, window)];
  const [kh, kw] = window.size;
  for (let tap = 0; tap < kh * kw; tap++) {
    const [dy, dx] = [Math.floor(tap / kw) - top, (tap % kw) - left];
    for (let place = 0; place < outH * outW; place++) {
      const y = Math.floor(place / outW) * window.stride[0] + dy;
      const x = (place % outW) * window.stride[1] + dx;
      if (y < 0 || y >= h || x < 0 || x >= w) continue;
      const at = (y * w + x) * channels;
      for (let c = 0; c < channels; c++) energy[tap * channels + c]! += squares[at + c]!;
    }
  }
}
