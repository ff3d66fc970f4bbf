/** Smaller images by mean pooling: a quarter of the inputs where a host cannot afford them all. */
import { EsperError } from '../../contracts/index.ts';
import type { Rows } from '../types.ts';

/** A row of such images is `[height, width, channels]`, flat: as convolutions read it. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * The shape after pooling.
 *
 * @throws DATA_BAD_OPTION unless `by` divides both sides
 */
export function pooledShape({ height, width, channels }: ImageShape, by: number): ImageShape {
  if (height % by === 0 && width % by === 0) return { height: height / by, width: width / by, channels };
  throw new EsperError('DATA_BAD_OPTION', `${height} x ${width} images do not pool by ${by}`, {
    option: 'pool',
    value: by,
  });
}

/**
 * Means over `by` x `by` squares of each channel.
 *
 * @param rows inputs `[height, width, channels]`; they come out as `[height / by, width / by, channels]`
 * @throws DATA_BAD_OPTION unless `by` divides both sides
 */
export function poolImages(rows: Rows, shape: ImageShape, by: number): Rows {
  const pooled = pooledShape(shape, by);
  if (by === 1) return rows;
  const inputs = pooled.height * pooled.width * pooled.channels;
  const targets = squares(shape, pooled, by);
  const whole = new Float32Array(rows.inputs);
  const area = by * by;
  return {
    ...rows,
    inputs,
    fillInputs: (indices, out) => {
      out.fill(0, 0, indices.length * inputs);
      for (let i = 0; i < indices.length; i++) {
        rows.fillInputs([indices[i] as number], whole);
        const at = i * inputs;
        for (let pixel = 0; pixel < whole.length; pixel++) {
          const to = at + (targets[pixel] as number);
          out[to] = (out[to] as number) + (whole[pixel] as number) / area;
        }
      }
    },
  };
}

/** For each number of an image, the number of the pooled one that it is part of. */
function squares({ height, width, channels }: ImageShape, pooled: ImageShape, by: number): Uint32Array {
  const targets = new Uint32Array(height * width * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const square = Math.floor(y / by) * pooled.width + Math.floor(x / by);
      for (let channel = 0; channel < channels; channel++) targets[at++] = square * channels + channel;
    }
  }
  return targets;
}
