/** Smaller images by mean pooling: a quarter of the inputs where a host cannot afford them all. */
import { EsperError } from '../../contracts/index.ts';
import type { Rows } from '../types.ts';

export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Means over `by` x `by` squares of each channel.
 *
 * @param rows inputs `[channels, height, width]`, flat; they come out as `[channels, height / by, width / by]`
 * @throws DATA_BAD_OPTION unless `by` divides both sides
 */
export function poolImages(rows: Rows, { channels, height, width }: ImageShape, by: number): Rows {
  if (by === 1) return rows;
  if (height % by !== 0 || width % by !== 0) {
    throw new EsperError('DATA_BAD_OPTION', `${height} x ${width} images do not pool by ${by}`, {
      option: 'pool',
      value: by,
    });
  }
  const [poolHeight, poolWidth] = [height / by, width / by];
  const inputs = channels * poolHeight * poolWidth;
  const whole = new Float32Array(rows.inputs);
  return {
    ...rows,
    inputs,
    fillInputs: (indices, out) => {
      out.fill(0, 0, indices.length * inputs);
      for (let i = 0; i < indices.length; i++) {
        rows.fillInputs([indices[i] as number], whole);
        for (let pixel = 0; pixel < whole.length; pixel++) {
          const line = Math.floor(pixel / width);
          const channel = Math.floor(line / height);
          const y = Math.floor((line % height) / by);
          const x = Math.floor((pixel % width) / by);
          const at = i * inputs + (channel * poolHeight + y) * poolWidth + x;
          out[at] = (out[at] as number) + (whole[pixel] as number) / (by * by);
        }
      }
    },
  };
}
