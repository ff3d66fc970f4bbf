/** What holds for the micro-batch that runs now: its rows, its blocks, and the picture sizes of the instruction. */

/** Rows of this micro-batch. */
export let rows: i32 = 0;
/** Index of its first row in the batch. */
export let firstRow: i32 = 0;
/** True in the first micro-batch of a half: slopes are written there and added to later. */
export let opening: bool = false;
export let scratch: usize = 0;
let half: usize = 0;
let inputs: usize = 0;
let targets: usize = 0;

export function enter(
  count: i32, first: i32, isOpening: bool, halfAt: usize, scratchAt: usize, inputsAt: usize, targetsAt: usize,
): void {
  rows = count;
  firstRow = first;
  opening = isOpening;
  half = halfAt;
  scratch = scratchAt;
  inputs = inputsAt;
  targets = targetsAt;
}

/** The address that an operand stands for; 0 is nowhere. */
export function resolve(word: i32): usize {
  const offset = <usize>(word & ~3);
  const from = word & 3;
  if (from == 0) return offset;
  if (from == 1) return half + offset;
  return (from == 2 ? inputs : targets) + offset;
}

export let height: i32 = 0;
export let width: i32 = 0;
export let channels: i32 = 0;
export let kernelHeight: i32 = 0;
export let kernelWidth: i32 = 0;
export let strideHeight: i32 = 0;
export let strideWidth: i32 = 0;
export let padTop: i32 = 0;
export let padLeft: i32 = 0;
export let outHeight: i32 = 0;
export let outWidth: i32 = 0;

/** Reads the eleven picture operands at `at`. */
export function readPicture(at: usize): void {
  height = load<i32>(at);
  width = load<i32>(at, 4);
  channels = load<i32>(at, 8);
  kernelHeight = load<i32>(at, 12);
  kernelWidth = load<i32>(at, 16);
  strideHeight = load<i32>(at, 20);
  strideWidth = load<i32>(at, 24);
  padTop = load<i32>(at, 28);
  padLeft = load<i32>(at, 32);
  outHeight = load<i32>(at, 36);
  outWidth = load<i32>(at, 40);
}

/** Operand number `i` of the instruction whose operands start at `at`. */
// @ts-ignore: decorator
@inline
export function word(at: usize, i: i32): i32 {
  return load<i32>(at + (<usize>i << 2));
}

/** The same as an address. */
export function place(at: usize, i: i32): usize {
  return resolve(load<i32>(at + (<usize>i << 2)));
}

/** The same as a number. */
// @ts-ignore: decorator
@inline
export function real(at: usize, i: i32): f32 {
  return load<f32>(at + (<usize>i << 2));
}

/** Should a slope be added to what is there? */
export function adds(addSlope: i32): bool {
  return addSlope != 0 || !opening;
}
