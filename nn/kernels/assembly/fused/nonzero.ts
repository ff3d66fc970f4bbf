/** Dense layers over inputs that are mostly zero: what is not zero is listed once, then only that is multiplied. */
// A zero adds nothing to a finite sum, and what is left is added in the same order: the numbers are those of `dense` and
// `denseSlope`, as long as all weights are finite. Whoever runs these looks after that.
import { bend, RELU_BEND } from './bends';
import { multiplyAdd, positive, storePart } from './lanes';
import { ADD, RELU } from './panel';
import { columnsTimes, rowsTimes } from './product';
import { move } from './shapes';
import { adds, place, rows, scratch, word } from './state';

// A list: its state, the numbers of bytes, then for each row where its entries begin and where they end, then the entries:
// which input, and its value. Entries that lie on a shelf are not copied.
const NUMBERS: usize = 64;
const SPANS: usize = NUMBERS + 1024;

// Cell `source`: what the inputs are.
const BYTES: i32 = 1;
/** Numbers of rows on a shelf, whose address is in the next cell: ends of all rows' entries (bytes from its start), entries. */
const SHELVED: i32 = 2;

/** All rows are listed. */
const LISTED: i32 = 0;
/** Too little is zero: the inputs count, where they came from. */
const FULL: i32 = 1;
/** The same, but they came as bytes: their numbers lie where the entries would. */
const UNPACKED: i32 = 2;

function entriesOf(list: usize): usize {
  return (list + SPANS + (<usize>rows << 3) + 15) & ~15;
}

export function listNonzero(at: usize): void {
  const x = place(at, 0);
  const list = place(at, 1);
  const ins = word(at, 2);
  const source = load<i32>(place(at, 3));
  if (source == SHELVED) {
    lookUp(x, list, load<u32>(place(at, 3), 4));
    return;
  }
  const asBytes = source == BYTES;
  if (asBytes) writeNumbers(list + NUMBERS);
  const first = entriesOf(list);
  let to = first;
  for (let i = 0; i < rows; i++) {
    const begin = to;
    to = asBytes ? listBytes(x + <usize>(i * ins), ins, list + NUMBERS, to) : listFloats(x + <usize>(i * ins) * 4, ins, to);
    const end = to - first;
    // More than half of them: looking at the rest would not pay, and there is no room for it.
    if (end > <usize>((i + 1) * ins) << 2) {
      if (asBytes) unpack(x, rows * ins, list + NUMBERS, first);
      store<i32>(list, asBytes ? UNPACKED : FULL);
      return;
    }
    span(list, i, begin, to);
  }
  store<i32>(list, LISTED);
}

// @ts-ignore: decorator
@inline
function span(list: usize, i: i32, begin: usize, end: usize): void {
  const at = list + SPANS + (<usize>i << 3);
  store<u32>(at, <u32>begin);
  store<u32>(at, <u32>end, 4);
}

function lookUp(numbers: usize, list: usize, shelf: usize): void {
  for (let i = 0; i < rows; i++) {
    const ends = shelf + (<usize>load<u32>(numbers + (<usize>i << 2)) << 2);
    span(list, i, shelf + load<u32>(ends), shelf + load<u32>(ends, 4));
  }
  store<i32>(list, LISTED);
}

/** Rows of bytes onto a shelf, behind those that are there; `at` 1 is the end of the one before. Stops where there is no room. */
export function shelve(at: usize): void {
  let x = place(at, 0);
  let ends = place(at, 1);
  const shelf = place(at, 2);
  const numbers = place(at, 3);
  const last = shelf + <usize>word(at, 4);
  const ins = word(at, 5);
  writeNumbers(numbers);
  let to = shelf + load<u32>(ends);
  for (let i = 0; i < rows; i++, x += ins, ends += 4) {
    if (to + (<usize>ins << 3) > last) {
      store<u32>(ends, 0, 4);
      return;
    }
    to = listBytes(x, ins, numbers, to);
    store<u32>(ends, <u32>(to - shelf), 4);
  }
}

/** What each byte stands for: 0 to 1. */
function writeNumbers(to: usize): void {
  for (let byte = 0; byte < 256; byte++) store<f32>(to + (<usize>byte << 2), <f32>byte / 255);
}

function unpack(x: usize, count: i32, numbers: usize, to: usize): void {
  for (let i = 0; i < count; i++, to += 4) store<u32>(to, load<u32>(numbers + (<usize>load<u8>(x + <usize>i) << 2)));
}

/** Every entry is written, and only those that count are kept: nothing is guessed by the branch predictor. */
// @ts-ignore: decorator
@inline
function entry(to: usize, index: i32, bits: u32): usize {
  store<u64>(to, <u64>index | (<u64>bits << 32));
  return to + (<usize>(bits << 1 != 0) << 3);
}

function listFloats(x: usize, ins: i32, to: usize): usize {
  let k = 0;
  for (; k + 4 <= ins; k += 4, x += 16) {
    if (!v128.any_true(f32x4.ne(v128.load(x), f32x4.splat(0)))) continue;
    to = entry(to, k, load<u32>(x));
    to = entry(to, k + 1, load<u32>(x, 4));
    to = entry(to, k + 2, load<u32>(x, 8));
    to = entry(to, k + 3, load<u32>(x, 12));
  }
  for (; k < ins; k++, x += 4) to = entry(to, k, load<u32>(x));
  return to;
}

function listBytes(x: usize, ins: i32, numbers: usize, to: usize): usize {
  let k = 0;
  for (; k + 8 <= ins; k += 8, x += 8) {
    const eight = load<u64>(x);
    if (eight == 0) continue;
    if (<u32>eight != 0) to = fourBytes(<u32>eight, k, numbers, to);
    if (eight >> 32 != 0) to = fourBytes(<u32>(eight >> 32), k + 4, numbers, to);
  }
  for (; k < ins; k++, x++) to = entry(to, k, load<u32>(numbers + (<usize>load<u8>(x) << 2)));
  return to;
}

// @ts-ignore: decorator
@inline
function fourBytes(four: u32, k: i32, numbers: usize, to: usize): usize {
  to = entry(to, k, load<u32>(numbers + (<usize>(four & 255) << 2)));
  to = entry(to, k + 1, load<u32>(numbers + (<usize>((four >> 8) & 255) << 2)));
  to = entry(to, k + 2, load<u32>(numbers + (<usize>((four >> 16) & 255) << 2)));
  return entry(to, k + 3, load<u32>(numbers + (<usize>(four >> 24) << 2)));
}

export function denseListed(at: usize): void {
  const list = place(at, 0);
  const w = place(at, 2);
  const bias = place(at, 3);
  const out = place(at, 4);
  const k = word(at, 5);
  const n = word(at, 6);
  const activation = word(at, 7);
  const state = load<i32>(list);
  if (state == LISTED) {
    let j = 0;
    for (; j + 12 < n; j += 16) times16(list + SPANS, w, n << 2, bias, out, j, n, activation == RELU_BEND);
    for (; j < n; j += 4) times4(list + SPANS, w, n << 2, bias, out, j, n, activation == RELU_BEND);
  } else {
    const x = state == FULL ? place(at, 1) : entriesOf(list);
    const flags = activation == RELU_BEND ? RELU : 0;
    rowsTimes(rows, n, x, 0, k << 2, 1, k, 0, w, out, bias, flags, 0, scratch);
  }
  if (activation > RELU_BEND) bend(out, out, rows * n, activation);
}

/** Columns `j` to `j + 15` at most, and 13 at least, of all rows. */
function times16(
  spans: usize, w: usize, step: i32, bias: usize, out: usize, j: i32, n: i32, relu: bool,
): void {
  const shift = <usize>(j << 2);
  const zero = f32x4.splat(0);
  const b0 = bias == 0 ? zero : v128.load(bias + shift);
  const b1 = bias == 0 ? zero : v128.load(bias + shift, 16);
  const b2 = bias == 0 ? zero : v128.load(bias + shift, 32);
  const b3 = bias == 0 ? zero : v128.load(bias + shift, 48);
  w += shift;
  let q = out + shift;
  for (let i = 0; i < rows; i++) {
    let at: usize = load<u32>(spans);
    const end: usize = load<u32>(spans, 4);
    spans += 8;
    let c0 = b0, c1 = b1, c2 = b2, c3 = b3;
    for (; at < end; at += 8) {
      const p = w + <usize>(load<i32>(at) * step);
      const x = v128.load32_splat(at, 4);
      c0 = multiplyAdd(x, v128.load(p), c0);
      c1 = multiplyAdd(x, v128.load(p, 16), c1);
      c2 = multiplyAdd(x, v128.load(p, 32), c2);
      c3 = multiplyAdd(x, v128.load(p, 48), c3);
    }
    if (relu) {
      c0 = positive(c0); c1 = positive(c1); c2 = positive(c2); c3 = positive(c3);
    }
    v128.store(q, c0); v128.store(q, c1, 16); v128.store(q, c2, 32);
    storePart(q + 48, c3, n - j - 12);
    q += <usize>step;
  }
}

/** Columns `j` to `j + 3` at most. */
function times4(
  spans: usize, w: usize, step: i32, bias: usize, out: usize, j: i32, n: i32, relu: bool,
): void {
  const shift = <usize>(j << 2);
  const start = bias == 0 ? f32x4.splat(0) : v128.load(bias + shift);
  w += shift;
  let q = out + shift;
  for (let i = 0; i < rows; i++) {
    let at: usize = load<u32>(spans);
    const end: usize = load<u32>(spans, 4);
    spans += 8;
    let c = start;
    for (; at < end; at += 8) {
      c = multiplyAdd(v128.load32_splat(at, 4), v128.load(w + <usize>(load<i32>(at) * step)), c);
    }
    storePart(q, relu ? positive(c) : c, n - j);
    q += <usize>step;
  }
}

export function denseListedSlope(at: usize): void {
  const list = place(at, 0);
  const g = place(at, 2);
  const dw = place(at, 3);
  const k = word(at, 4);
  const n = word(at, 5);
  const onto = adds(word(at, 6));
  const state = load<i32>(list);
  if (state != LISTED) {
    const x = state == FULL ? place(at, 1) : entriesOf(list);
    columnsTimes(k, n, x, 0, 1, rows, k << 2, 0, g, dw, onto ? ADD : 0, scratch);
    return;
  }
  // Sums of a micro-batch begin at zero, as those of `denseSlope` do.
  const to = onto ? scratch : dw;
  memory.fill(to, 0, <usize>(k * n) << 2);
  let j = 0;
  for (; j + 16 <= n; j += 16) spread16(list + SPANS, g, to, n << 2, j);
  for (; j < n; j += 4) spread4(list + SPANS, g, to, n << 2, j, n);
  if (onto) move(to, dw, k * n, true);
}

function spread16(spans: usize, g: usize, dw: usize, step: i32, j: i32): void {
  const shift = <usize>(j << 2);
  g += shift;
  dw += shift;
  for (let i = 0; i < rows; i++) {
    let at: usize = load<u32>(spans);
    const end: usize = load<u32>(spans, 4);
    spans += 8;
    const g0 = v128.load(g), g1 = v128.load(g, 16), g2 = v128.load(g, 32), g3 = v128.load(g, 48);
    g += <usize>step;
    for (; at < end; at += 8) {
      const p = dw + <usize>(load<i32>(at) * step);
      const x = v128.load32_splat(at, 4);
      v128.store(p, multiplyAdd(x, g0, v128.load(p)));
      v128.store(p, multiplyAdd(x, g1, v128.load(p, 16)), 16);
      v128.store(p, multiplyAdd(x, g2, v128.load(p, 32)), 32);
      v128.store(p, multiplyAdd(x, g3, v128.load(p, 48)), 48);
    }
  }
}

function spread4(spans: usize, g: usize, dw: usize, step: i32, j: i32, n: i32): void {
  const shift = <usize>(j << 2);
  g += shift;
  dw += shift;
  for (let i = 0; i < rows; i++) {
    let at: usize = load<u32>(spans);
    const end: usize = load<u32>(spans, 4);
    spans += 8;
    const flow = v128.load(g);
    g += <usize>step;
    for (; at < end; at += 8) {
      const p = dw + <usize>(load<i32>(at) * step);
      storePart(p, multiplyAdd(v128.load32_splat(at, 4), flow, v128.load(p)), n - j);
    }
  }
}
