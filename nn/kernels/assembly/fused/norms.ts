/** Norms: by channel over everything (batch norm), or over the last axis of each place (layer norm). */
import { firstLanes, laneSum, multiplyAdd, storePart } from './lanes';
import { adds, place, real, rows, scratch, word } from './state';

/** Sums of so many rows are added up before they join the total: long sums keep their digits. */
const BLOCK: i32 = 64;

/** Writes `stats`: mean, 1 / deviation and variance of x `[m, channels]` by channel. */
function measure(x: usize, m: i32, channels: i32, epsilon: f32, stats: usize): void {
  const pixel = <usize>channels << 2;
  const share = f32x4.splat(1 / <f32>m);
  for (let c = 0; c < channels; c += 4) {
    const shift = <usize>c << 2;
    const mean = f32x4.mul(columnSum(x + shift, m, pixel), share);
    const variance = f32x4.mul(columnSpread(x + shift, m, pixel, mean), share);
    const left = channels - c;
    const deviation = f32x4.sqrt(f32x4.add(variance, f32x4.splat(epsilon)));
    storePart(stats + shift, mean, left);
    storePart(stats + pixel + shift, f32x4.div(f32x4.splat(1), deviation), left);
    storePart(stats + 2 * pixel + shift, variance, left);
  }
}

function columnSum(p: usize, m: i32, pixel: usize): v128 {
  let total = f32x4.splat(0);
  for (let i = 0; i < m; i += BLOCK) {
    let part = f32x4.splat(0);
    for (let k = min(BLOCK, m - i); k > 0; k--, p += pixel) part = f32x4.add(part, v128.load(p));
    total = f32x4.add(total, part);
  }
  return total;
}

function columnSpread(p: usize, m: i32, pixel: usize, mean: v128): v128 {
  let total = f32x4.splat(0);
  for (let i = 0; i < m; i += BLOCK) {
    let part = f32x4.splat(0);
    for (let k = min(BLOCK, m - i); k > 0; k--, p += pixel) {
      const off = f32x4.sub(v128.load(p), mean);
      part = multiplyAdd(off, off, part);
    }
    total = f32x4.add(total, part);
  }
  return total;
}

export function batchNorm(at: usize): void {
  const m = rows * word(at, 5);
  const channels = word(at, 6);
  measure(place(at, 0), m, channels, real(at, 7), place(at, 4));
  applyStats(place(at, 0), place(at, 1), place(at, 2), place(at, 3), place(at, 4), m, channels);
}

export function affine(at: usize): void {
  const m = rows * word(at, 5);
  applyStats(place(at, 0), place(at, 1), place(at, 2), place(at, 3), place(at, 4), m, word(at, 6));
}

export function restingStats(at: usize): void {
  const channels = word(at, 3);
  const bytes = <usize>channels << 2;
  const stats = place(at, 2);
  memory.copy(stats, place(at, 0), bytes);
  memory.copy(stats + 2 * bytes, place(at, 1), bytes);
  for (let c: usize = 0; c < bytes; c += 4) {
    store<f32>(stats + bytes + c, 1 / sqrt<f32>(load<f32>(stats + 2 * bytes + c) + real(at, 4)));
  }
}

function applyStats(x: usize, gamma: usize, beta: usize, out: usize, stats: usize, m: i32, channels: i32): void {
  const pixel = <usize>channels << 2;
  for (let c = 0; c < channels; c += 4) {
    const shift = <usize>c << 2;
    const mean = v128.load(stats + shift);
    let factor = v128.load(stats + pixel + shift);
    if (gamma != 0) factor = f32x4.mul(factor, v128.load(gamma + shift));
    const offset = beta == 0 ? f32x4.splat(0) : v128.load(beta + shift);
    let p = x + shift;
    let q = out + shift;
    for (let i = 0; i < m; i++) {
      storePart(q, multiplyAdd(f32x4.sub(v128.load(p), mean), factor, offset), channels - c);
      p += pixel;
      q += pixel;
    }
  }
}

export function batchNormBack(at: usize): void {
  byChannelBack(at, true);
}

export function affineBack(at: usize): void {
  byChannelBack(at, false);
}

/** @param flows the statistics depend on x, too */
function byChannelBack(at: usize, flows: bool): void {
  const gamma = place(at, 1);
  const stats = place(at, 2);
  const dx = place(at, 4);
  const dgamma = place(at, 5);
  const dbeta = place(at, 6);
  const m = rows * word(at, 7);
  const channels = word(at, 8);
  const addSlope = adds(word(at, 10));
  const pixel = <usize>channels << 2;
  for (let c = 0; c < channels; c += 4) {
    const shift = <usize>c << 2;
    const left = channels - c;
    const mean = v128.load(stats + shift);
    const inverse = v128.load(stats + pixel + shift);
    slopeSums(place(at, 0) + shift, place(at, 3) + shift, m, pixel, mean);
    const flowSum = v128.load(scratch);
    const spreadSum = f32x4.mul(v128.load(scratch, 16), inverse);
    if (dbeta != 0) joinSlope(dbeta + shift, flowSum, left, addSlope);
    if (dgamma != 0) joinSlope(dgamma + shift, spreadSum, left, addSlope);
    if (dx == 0) continue;
    const factor = gamma == 0 ? inverse : f32x4.mul(inverse, v128.load(gamma + shift));
    const share = f32x4.splat(flows ? 1 / <f32>m : 0);
    const level = f32x4.mul(flowSum, share);
    const tilt = f32x4.mul(f32x4.mul(spreadSum, share), inverse);
    let p = place(at, 0) + shift;
    let g = place(at, 3) + shift;
    let q = dx + shift;
    for (let i = 0; i < m; i++) {
      const off = f32x4.sub(v128.load(p), mean);
      const flow = f32x4.sub(f32x4.sub(v128.load(g), level), f32x4.mul(off, tilt));
      let v = f32x4.mul(flow, factor);
      if (word(at, 9) != 0) v = f32x4.add(v, v128.load(q));
      storePart(q, v, left);
      p += pixel;
      g += pixel;
      q += pixel;
    }
  }
}

/** To scratch: sums of g and of g * (x - mean) over the rows. */
function slopeSums(x: usize, g: usize, m: i32, pixel: usize, mean: v128): void {
  let flows = f32x4.splat(0);
  let spreads = f32x4.splat(0);
  for (let i = 0; i < m; i += BLOCK) {
    let flowPart = f32x4.splat(0);
    let spreadPart = f32x4.splat(0);
    for (let k = min(BLOCK, m - i); k > 0; k--) {
      const flow = v128.load(g);
      flowPart = f32x4.add(flowPart, flow);
      spreadPart = multiplyAdd(flow, f32x4.sub(v128.load(x), mean), spreadPart);
      x += pixel;
      g += pixel;
    }
    flows = f32x4.add(flows, flowPart);
    spreads = f32x4.add(spreads, spreadPart);
  }
  v128.store(scratch, flows);
  v128.store(scratch, spreads, 16);
}

function joinSlope(to: usize, value: v128, count: i32, add: bool): void {
  storePart(to, add ? f32x4.add(v128.load(to), value) : value, count);
}

export function layerNorm(at: usize): void {
  let x = place(at, 0);
  const gamma = place(at, 1);
  const beta = place(at, 2);
  let out = place(at, 3);
  let stats = place(at, 4);
  const channels = word(at, 6);
  const share: f32 = 1 / <f32>channels;
  const pixel = <usize>channels << 2;
  for (let i = rows * word(at, 5); i > 0; i--) {
    let total = f32x4.splat(0);
    for (let c = 0; c < channels; c += 4) {
      total = f32x4.add(total, firstLanes(v128.load(x + (<usize>c << 2)), channels - c));
    }
    const mean = laneSum(total) * share;
    const level = f32x4.splat(mean);
    let spread = f32x4.splat(0);
    for (let c = 0; c < channels; c += 4) {
      const off = firstLanes(f32x4.sub(v128.load(x + (<usize>c << 2)), level), channels - c);
      spread = multiplyAdd(off, off, spread);
    }
    const inverse: f32 = 1 / sqrt<f32>(laneSum(spread) * share + real(at, 7));
    for (let c = 0; c < channels; c += 4) {
      const shift = <usize>c << 2;
      let v = f32x4.mul(f32x4.sub(v128.load(x + shift), level), f32x4.splat(inverse));
      if (gamma != 0) v = f32x4.mul(v, v128.load(gamma + shift));
      if (beta != 0) v = f32x4.add(v, v128.load(beta + shift));
      storePart(out + shift, v, channels - c);
    }
    store<f32>(stats, mean);
    store<f32>(stats, inverse, 4);
    stats += 8;
    x += pixel;
    out += pixel;
  }
}

export function layerNormBack(at: usize): void {
  let x = place(at, 0);
  const gamma = place(at, 1);
  let stats = place(at, 2);
  let g = place(at, 3);
  let dx = place(at, 4);
  const dgamma = place(at, 5);
  const dbeta = place(at, 6);
  const channels = word(at, 8);
  const pixel = <usize>channels << 2;
  if (!adds(word(at, 10))) {
    if (dgamma != 0) memory.fill(dgamma, 0, pixel);
    if (dbeta != 0) memory.fill(dbeta, 0, pixel);
  }
  for (let i = rows * word(at, 7); i > 0; i--) {
    const mean = v128.load32_splat(stats);
    const inverse = v128.load32_splat(stats, 4);
    let flows = f32x4.splat(0);
    let spreads = f32x4.splat(0);
    for (let c = 0; c < channels; c += 4) {
      const shift = <usize>c << 2;
      const left = channels - c;
      const flow = v128.load(g + shift);
      const unit = f32x4.mul(f32x4.sub(v128.load(x + shift), mean), inverse);
      if (dgamma != 0) joinSlope(dgamma + shift, f32x4.mul(flow, unit), left, true);
      if (dbeta != 0) joinSlope(dbeta + shift, flow, left, true);
      const scaled = firstLanes(gamma == 0 ? flow : f32x4.mul(flow, v128.load(gamma + shift)), left);
      flows = f32x4.add(flows, scaled);
      spreads = f32x4.add(spreads, firstLanes(f32x4.mul(scaled, unit), left));
    }
    if (dx != 0) {
      const share: f32 = 1 / <f32>channels;
      const level = f32x4.splat(laneSum(flows) * share);
      const tilt = f32x4.splat(laneSum(spreads) * share);
      spreadBack(x, gamma, g, dx, channels, mean, inverse, level, tilt, word(at, 9) != 0);
      dx += pixel;
    }
    stats += 8;
    x += pixel;
    g += pixel;
  }
}

function spreadBack(
  x: usize, gamma: usize, g: usize, dx: usize, channels: i32, mean: v128, inverse: v128, level: v128, tilt: v128,
  add: bool,
): void {
  for (let c = 0; c < channels; c += 4) {
    const shift = <usize>c << 2;
    const unit = f32x4.mul(f32x4.sub(v128.load(x + shift), mean), inverse);
    let flow = v128.load(g + shift);
    if (gamma != 0) flow = f32x4.mul(flow, v128.load(gamma + shift));
    let v = f32x4.mul(f32x4.sub(f32x4.sub(flow, level), f32x4.mul(unit, tilt)), inverse);
    if (add) v = f32x4.add(v, v128.load(dx + shift));
    storePart(dx + shift, v, channels - c);
  }
}
