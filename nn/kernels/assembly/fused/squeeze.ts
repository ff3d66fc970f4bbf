/** Pictures and sequences to one value a channel, and gates that spread such values over all places again. */
import { multiplyAdd, storePart } from './lanes';
import { place, rows, word } from './state';

export function squeezeMean(at: usize): void {
  let x = place(at, 0);
  let out = place(at, 1);
  const places = word(at, 2);
  const channels = word(at, 3);
  const pixel = <usize>(channels << 2);
  const share = f32x4.splat(1 / <f32>places);
  for (let n = 0; n < rows; n++) {
    for (let c = 0; c < channels; c += 4) {
      let p = x + <usize>(c << 2);
      let sum = f32x4.splat(0);
      for (let i = 0; i < places; i++, p += pixel) sum = f32x4.add(sum, v128.load(p));
      storePart(out + <usize>(c << 2), f32x4.mul(sum, share), channels - c);
    }
    x += <usize>places * pixel;
    out += pixel;
  }
}

export function squeezeMeanBack(at: usize): void {
  let g = place(at, 0);
  let dx = place(at, 1);
  const places = word(at, 2);
  const channels = word(at, 3);
  const add = word(at, 4) != 0;
  const pixel = <usize>(channels << 2);
  const share = f32x4.splat(1 / <f32>places);
  for (let n = 0; n < rows; n++) {
    for (let i = 0; i < places; i++) {
      for (let c = 0; c < channels; c += 4) {
        const shift = <usize>(c << 2);
        let v = f32x4.mul(v128.load(g + shift), share);
        if (add) v = f32x4.add(v, v128.load(dx + shift));
        storePart(dx + shift, v, channels - c);
      }
      dx += pixel;
    }
    g += pixel;
  }
}

function highest(p: usize, places: i32, pixel: usize): v128 {
  let v = v128.load(p);
  for (let i = 1; i < places; i++) {
    p += pixel;
    v = f32x4.pmax(v, v128.load(p));
  }
  return v;
}

export function squeezeMax(at: usize): void {
  let x = place(at, 0);
  let out = place(at, 1);
  const places = word(at, 2);
  const channels = word(at, 3);
  const pixel = <usize>(channels << 2);
  for (let n = 0; n < rows; n++) {
    for (let c = 0; c < channels; c += 4) {
      storePart(out + <usize>(c << 2), highest(x + <usize>(c << 2), places, pixel), channels - c);
    }
    x += <usize>places * pixel;
    out += pixel;
  }
}

export function squeezeMaxBack(at: usize): void {
  let x = place(at, 0);
  let g = place(at, 1);
  let dx = place(at, 2);
  const places = word(at, 3);
  const channels = word(at, 4);
  const add = word(at, 5) != 0;
  const pixel = <usize>(channels << 2);
  for (let n = 0; n < rows; n++) {
    for (let c = 0; c < channels; c += 4) {
      const shift = <usize>(c << 2);
      const top = highest(x + shift, places, pixel);
      const flow = v128.load(g + shift);
      let p = x + shift;
      let q = dx + shift;
      for (let i = 0; i < places; i++) {
        let v = v128.and(flow, f32x4.eq(v128.load(p), top));
        if (add) v = f32x4.add(v, v128.load(q));
        storePart(q, v, channels - c);
        p += pixel;
        q += pixel;
      }
    }
    x += <usize>places * pixel;
    dx += <usize>places * pixel;
    g += pixel;
  }
}

export function gate(at: usize): void {
  let x = place(at, 0);
  let weight = place(at, 1);
  let out = place(at, 2);
  const places = word(at, 3);
  const channels = word(at, 4);
  const add = word(at, 5) != 0;
  const pixel = <usize>(channels << 2);
  for (let n = 0; n < rows; n++) {
    for (let i = 0; i < places; i++) {
      for (let c = 0; c < channels; c += 4) {
        const shift = <usize>(c << 2);
        let v = f32x4.mul(v128.load(x + shift), v128.load(weight + shift));
        if (add) v = f32x4.add(v, v128.load(out + shift));
        storePart(out + shift, v, channels - c);
      }
      x += pixel;
      out += pixel;
    }
    weight += pixel;
  }
}

export function gateBack(at: usize): void {
  let x = place(at, 0);
  let g = place(at, 1);
  let out = place(at, 2);
  const places = word(at, 3);
  const channels = word(at, 4);
  const add = word(at, 5) != 0;
  const pixel = <usize>(channels << 2);
  for (let n = 0; n < rows; n++) {
    for (let c = 0; c < channels; c += 4) {
      const shift = <usize>(c << 2);
      let sum = add ? v128.load(out + shift) : f32x4.splat(0);
      let p = x + shift;
      let q = g + shift;
      for (let i = 0; i < places; i++) {
        sum = multiplyAdd(v128.load(p), v128.load(q), sum);
        p += pixel;
        q += pixel;
      }
      storePart(out + shift, sum, channels - c);
    }
    x += <usize>places * pixel;
    g += <usize>places * pixel;
    out += pixel;
  }
}
