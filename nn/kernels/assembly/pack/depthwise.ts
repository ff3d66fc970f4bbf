/** The gradients of a convolution in which every channel has filters of its own: `[kh, kw, channels, multiplier]`. */
import { Window } from './window';

/** First and one past the last output place along an axis at which the tap at `shift` lies inside the image. */
// @ts-ignore: decorator
@inline
function firstInside(shift: i32, stride: i32): i32 {
  return shift >= 0 ? 0 : (stride - 1 - shift) / stride;
}

// @ts-ignore: decorator
@inline
function endInside(shift: i32, stride: i32, size: i32, out: i32): i32 {
  return shift >= size ? 0 : min(out, (size - 1 - shift) / stride + 1);
}

/** `dx` gets, at each tap, the slope there times the tap's weight. */
export function depthwiseInputGradient(w: Window, dy: usize, filter: usize, dx: usize): void {
  const wide = w.outChannels, many = wide / w.channels;
  const pixel = <usize>w.channels << 2, line = pixel * w.width, outPixel = <usize>wide << 2, tap = outPixel;
  memory.fill(dx, 0, <usize>(w.batch * w.height) * line);
  for (let row = 0; row < w.batch * w.outHeight; row++) {
    const image = row / w.outHeight, oh = row - image * w.outHeight;
    for (let kh = 0; kh < w.windowHeight; kh++) {
      const h = oh * w.strideHeight - w.top + kh * w.dilationHeight;
      if (h < 0 || h >= w.height) continue;
      for (let kw = 0; kw < w.windowWidth; kw++) {
        const shift = kw * w.dilationWidth - w.left;
        const from = firstInside(shift, w.strideWidth), to = endInside(shift, w.strideWidth, w.width, w.outWidth);
        const f = filter + <usize>(kh * w.windowWidth + kw) * tap;
        let p = dx + <usize>(image * w.height + h) * line + <usize>(from * w.strideWidth + shift) * pixel;
        let q = dy + <usize>(row * w.outWidth + from) * outPixel;
        for (let ow = from; ow < to; ow++, p += pixel * w.strideWidth, q += outPixel) spread(w.channels, many, q, f, p);
      }
    }
  }
}

/** `x[c] += sum over m of dy[c, m] * filter[c, m]` at one place. */
// @ts-ignore: decorator
@inline
function spread(channels: i32, many: i32, dy: usize, filter: usize, x: usize): void {
  let c = 0;
  if (many == 1) {
    for (; c + 4 <= channels; c += 4) {
      const at = <usize>c << 2;
      v128.store(x + at, f32x4.add(v128.load(x + at), f32x4.mul(v128.load(dy + at), v128.load(filter + at))));
    }
  }
  for (; c < channels; c++) {
    let sum: f32 = 0;
    for (let m = 0; m < many; m++) {
      const at = <usize>(c * many + m) << 2;
      sum += load<f32>(dy + at) * load<f32>(filter + at);
    }
    const to = x + (<usize>c << 2);
    store<f32>(to, load<f32>(to) + sum);
  }
}

/** `out [kh, kw, channels, multiplier]`: summed along each output row first, then over the rows. */
export function depthwiseFilterGradient(w: Window, x: usize, dy: usize, out: usize): void {
  const wide = w.outChannels, many = wide / w.channels;
  const pixel = <usize>w.channels << 2, line = pixel * w.width, outPixel = <usize>wide << 2, step = pixel * w.strideWidth;
  memory.fill(out, 0, <usize>(w.windowHeight * w.windowWidth) * outPixel);
  for (let row = 0; row < w.batch * w.outHeight; row++) {
    const image = row / w.outHeight, oh = row - image * w.outHeight;
    for (let kh = 0; kh < w.windowHeight; kh++) {
      const h = oh * w.strideHeight - w.top + kh * w.dilationHeight;
      if (h < 0 || h >= w.height) continue;
      for (let kw = 0; kw < w.windowWidth; kw++) {
        const shift = kw * w.dilationWidth - w.left;
        const from = firstInside(shift, w.strideWidth), to = endInside(shift, w.strideWidth, w.width, w.outWidth);
        const p = x + <usize>(image * w.height + h) * line + <usize>(from * w.strideWidth + shift) * pixel;
        const q = dy + <usize>(row * w.outWidth + from) * outPixel;
        const t = out + <usize>(kh * w.windowWidth + kw) * outPixel;
        let c = 0;
        if (many == 1) for (; c + 4 <= wide; c += 4) correlate4(to - from, p + (<usize>c << 2), step, q + (<usize>c << 2), outPixel, t + (<usize>c << 2));
        for (; c < wide; c++) correlate(to - from, p + (<usize>(c / many) << 2), step, q + (<usize>c << 2), outPixel, t + (<usize>c << 2));
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function correlate4(count: i32, x: usize, step: usize, dy: usize, outStep: usize, to: usize): void {
  let sum = f32x4.splat(0);
  for (let i = 0; i < count; i++, x += step, dy += outStep) sum = f32x4.add(sum, f32x4.mul(v128.load(x), v128.load(dy)));
  v128.store(to, f32x4.add(v128.load(to), sum));
}

// @ts-ignore: decorator
@inline
function correlate(count: i32, x: usize, step: usize, dy: usize, outStep: usize, to: usize): void {
  let sum: f32 = 0;
  for (let i = 0; i < count; i++, x += step, dy += outStep) sum += load<f32>(x) * load<f32>(dy);
  store<f32>(to, load<f32>(to) + sum);
}
