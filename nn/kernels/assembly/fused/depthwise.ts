/** Convolution of each channel by itself: no product to be had, but four channels at a time. */
import { bend, LINEAR } from './bends';
import { multiplyAdd, storePart } from './lanes';
import {
  adds, channels, height, kernelHeight, kernelWidth, outHeight, outWidth, padLeft, padTop, place, readPicture, rows,
  strideHeight, strideWidth, width, word,
} from './state';

function depthwise(x: usize, w: usize, bias: usize, out: usize): void {
  const pixel = <usize>(channels * 4);
  for (let n = 0; n < rows; n++) {
    const image = x + <usize>(n * height * width) * pixel;
    for (let i = 0; i < outHeight; i++) {
      const top = i * strideHeight - padTop;
      const y0 = max(0, -top);
      const y1 = min(kernelHeight, height - top);
      for (let j = 0; j < outWidth; j++) {
        const left = j * strideWidth - padLeft;
        const x0 = max(0, -left);
        const x1 = min(kernelWidth, width - left);
        for (let c = 0; c < channels; c += 4) {
          const shift = <usize>(c * 4);
          let sum = bias == 0 ? f32x4.splat(0) : v128.load(bias + shift);
          for (let y = y0; y < y1; y++) {
            let p = image + <usize>((top + y) * width + left + x0) * pixel + shift;
            let q = w + <usize>(y * kernelWidth + x0) * pixel + shift;
            for (let k = x0; k < x1; k++) {
              sum = multiplyAdd(v128.load(p), v128.load(q), sum);
              p += pixel;
              q += pixel;
            }
          }
          storePart(out + shift, sum, channels - c);
        }
        out += pixel;
      }
    }
  }
}

/** Every tap by itself: its slope is a sum over all windows that stays in a register. */
function depthwiseSlope(x: usize, g: usize, dw: usize, add: bool): void {
  const pixel = <usize>(channels * 4);
  for (let y = 0; y < kernelHeight; y++) {
    for (let k = 0; k < kernelWidth; k++) {
      const to = dw + <usize>(y * kernelWidth + k) * pixel;
      for (let c = 0; c < channels; c += 4) {
        const shift = <usize>(c * 4);
        let sum = tapSlope(x + shift, g + shift, y, k, pixel);
        if (add) sum = f32x4.add(sum, v128.load(to + shift));
        storePart(to + shift, sum, channels - c);
      }
    }
  }
}

function tapSlope(x: usize, g: usize, y: i32, k: i32, pixel: usize): v128 {
  let sum = f32x4.splat(0);
  const step = <usize>strideWidth * pixel;
  const j0 = max(0, (padLeft - k + strideWidth - 1) / strideWidth);
  for (let n = 0; n < rows; n++) {
    for (let i = 0; i < outHeight; i++) {
      const row = i * strideHeight - padTop + y;
      if (row < 0 || row >= height) continue;
      let p = x + <usize>((n * height + row) * width + j0 * strideWidth - padLeft + k) * pixel;
      let q = g + <usize>((n * outHeight + i) * outWidth + j0) * pixel;
      for (let j = j0; j < outWidth && j * strideWidth - padLeft + k < width; j++) {
        sum = multiplyAdd(v128.load(p), v128.load(q), sum);
        p += step;
        q += pixel;
      }
    }
  }
  return sum;
}

/** Gathers: each pixel of dx asks the windows that saw it, so that no sum depends on the order of writing. */
function depthwiseBack(g: usize, w: usize, dx: usize, add: bool): void {
  const pixel = <usize>(channels * 4);
  for (let n = 0; n < rows; n++) {
    const image = g + <usize>(n * outHeight * outWidth) * pixel;
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        for (let c = 0; c < channels; c += 4) {
          const shift = <usize>(c * 4);
          let sum = add ? v128.load(dx + shift) : f32x4.splat(0);
          for (let y = 0; y < kernelHeight; y++) {
            const down = i + padTop - y;
            if (down < 0 || down % strideHeight != 0 || down / strideHeight >= outHeight) continue;
            const row = image + <usize>(down / strideHeight * outWidth) * pixel + shift;
            for (let k = 0; k < kernelWidth; k++) {
              const right = j + padLeft - k;
              if (right < 0 || right % strideWidth != 0 || right / strideWidth >= outWidth) continue;
              const tap = v128.load(w + <usize>(y * kernelWidth + k) * pixel + shift);
              sum = multiplyAdd(v128.load(row + <usize>(right / strideWidth) * pixel), tap, sum);
            }
          }
          storePart(dx + shift, sum, channels - c);
        }
        dx += pixel;
      }
    }
  }
}

export function depthwiseForward(at: usize): void {
  readPicture(at + 16);
  const out = place(at, 3);
  depthwise(place(at, 0), place(at, 1), place(at, 2), out);
  const activation = word(at, 15);
  if (activation != LINEAR) bend(out, out, rows * outHeight * outWidth * channels, activation);
}

export function depthwiseWeights(at: usize): void {
  readPicture(at + 12);
  depthwiseSlope(place(at, 0), place(at, 1), place(at, 2), adds(word(at, 14)));
}

export function depthwiseInputs(at: usize): void {
  readPicture(at + 12);
  depthwiseBack(place(at, 0), place(at, 1), place(at, 2), word(at, 14) != 0);
}
