/** The instructions of a fused program: what a training step is made of once shapes and places are fixed. */

/**
 * Where an address counts from. Offsets are bytes and multiples of 4, so the two low bits say which block is meant
 * and one program serves both halves of a batch.
 *
 * - `shared`: the arena itself: weights, moments, cells, both gradient blocks where a step has them in hand together.
 * - `half`: the block of the half that runs: its gradients, activations and cells.
 * - `inputs`, `targets`: first row of the micro-batch that runs; they move on by themselves.
 */
export const base = { shared: 0, half: 1, inputs: 2, targets: 3 } as const;
export type Base = keyof typeof base;

/** An operand: the byte `offset` (a multiple of 4) from a base. Offset 0 of `shared` is nowhere: see `nowhere`. */
export const address = (from: Base, offset: number): number => offset | base[from];

/** For operands that may be absent. The arena's first 64 bytes are therefore never handed out. */
export const nowhere = 0;

/** What the inputs of `listNonzero` are. */
export const sources = { floats: 0, bytes: 1, shelved: 2 } as const;

/** Operand `activation`. */
export const activationCodes = { linear: 0, relu: 1, tanh: 2, sigmoid: 3, gaussian: 4 } as const;

/** Window, stride, zero rows above and columns left of the picture, and the sizes before and after. */
const picture = [
  'height',
  'width',
  'channels',
  'kernelHeight',
  'kernelWidth',
  'strideHeight',
  'strideWidth',
  'padTop',
  'padLeft',
  'outHeight',
  'outWidth',
] as const;

/**
 * Every instruction: its number and its operands in order, one 32-bit word each. Before them a word with the number in
 * its lowest byte and the count of operands above.
 *
 * All tensors are float32, row-major `[rows, ...]`; `rows` is the micro-batch's and no operand. Sizes are of one row.
 * - `add`: 0 writes the result, 1 adds it to what is there.
 * - `addSlope` (results that sum over rows: gradients of weights): 0 writes in the first micro-batch of a half and adds in
 *   later ones, 1 always adds. So gradient blocks need no clearing.
 * - An operand ending in `Cell` is the address of a number in the arena: float32, or float64 where said.
 * - Inputs and outputs may be the same block only where `in place` is said.
 */
export const instructions = {
  /** out `[rows * places, units]` = activation(x `[rows * places, ins]` . w `[ins, units]` + b). b may be `nowhere`. */
  dense: { code: 1, operands: ['x', 'w', 'b', 'out', 'places', 'ins', 'units', 'activation'] },
  /** dw `[ins, units]` from x^T . g. */
  denseSlope: { code: 2, operands: ['x', 'g', 'dw', 'places', 'ins', 'units', 'addSlope'] },
  /**
   * dx `[rows * places, ins]` from g . w^T. With `y` (not `nowhere`; then `add` must be 0) also times the derivative of
   * `activation` at the place where its value is y: the step through the layer before, for free. Not for gaussian.
   */
  denseBack: { code: 3, operands: ['g', 'w', 'dx', 'places', 'ins', 'units', 'add', 'y', 'activation'] },
  /** db `[width]` from the column sums of g `[rows * places, width]`. */
  columnSums: { code: 4, operands: ['g', 'db', 'places', 'width', 'addSlope'] },
  /** out `[rows, outHeight, outWidth, filters]`; w `[kernelHeight, kernelWidth, channels, filters]`. b may be `nowhere`. */
  conv: { code: 5, operands: ['x', 'w', 'b', 'out', ...picture, 'filters', 'activation'] },
  convSlope: { code: 6, operands: ['x', 'g', 'dw', ...picture, 'filters', 'addSlope'] },
  /** As denseBack: with `y` times the derivative of `activation`. */
  convBack: { code: 7, operands: ['g', 'w', 'dx', ...picture, 'filters', 'add', 'y', 'activation'] },
  /** w `[kernelHeight, kernelWidth, channels]`. b may be `nowhere`. */
  depthwise: { code: 8, operands: ['x', 'w', 'b', 'out', ...picture, 'activation'] },
  depthwiseSlope: { code: 9, operands: ['x', 'g', 'dw', ...picture, 'addSlope'] },
  depthwiseBack: { code: 10, operands: ['g', 'w', 'dx', ...picture, 'add'] },
  /**
   * out = activation(maximum of the window + b). With b `nowhere` and activation linear an ordinary pool. The other form
   * is for `activation(conv + b)` whose only reader is the pool (the activation must not fall: relu, tanh, sigmoid): the
   * maximum commutes with both, and they run on a quarter of the pixels.
   */
  maxPool: { code: 11, operands: ['x', 'b', 'out', ...picture, 'activation'] },
  /**
   * dx from g `[rows, outHeight, outWidth, channels]`: the first maximum of each window of x gets it all. `out` is the
   * forward result (`nowhere` when activation is linear): g is multiplied by the derivative of `activation` there first.
   * db `[channels]` (or `nowhere`) gets the column sums of that product under `addSlope`.
   */
  maxPoolBack: {
    code: 12,
    operands: ['x', 'out', 'g', 'dx', 'db', ...picture, 'activation', 'add', 'addSlope'],
  },
  /** Padding does not count. */
  meanPool: { code: 13, operands: ['x', 'out', ...picture] },
  meanPoolBack: { code: 14, operands: ['g', 'dx', ...picture, 'add'] },
  /** out `[rows, channels]` from x `[rows, places, channels]`. */
  squeezeMean: { code: 15, operands: ['x', 'out', 'places', 'channels'] },
  squeezeMeanBack: { code: 16, operands: ['g', 'dx', 'places', 'channels', 'add'] },
  squeezeMax: { code: 17, operands: ['x', 'out', 'places', 'channels'] },
  /** Each of equal maxima gets all of it, as in nn/tape/window.ts. */
  squeezeMaxBack: { code: 18, operands: ['x', 'g', 'dx', 'places', 'channels', 'add'] },
  /**
   * Batch norm of a training step: over rows and places, by channel. The micro-batch must be the whole batch.
   * Writes `stats` `[3, channels]`: mean, 1 / sqrt(variance + epsilon), variance. gamma and beta may be `nowhere`.
   */
  batchNorm: {
    code: 19,
    operands: ['x', 'gamma', 'beta', 'out', 'stats', 'places', 'channels', 'epsilon'],
    floats: ['epsilon'],
  },
  /** dgamma, dbeta, dx: each may be `nowhere`. `stats` as batchNorm left it. */
  batchNormBack: {
    code: 20,
    operands: ['x', 'gamma', 'stats', 'g', 'dx', 'dgamma', 'dbeta', 'places', 'channels', 'add', 'addSlope'],
  },
  /** Fills `stats` (as of batchNorm) from running figures: then `affine` and `affineBack` are the norm at rest. */
  restingStats: {
    code: 21,
    operands: ['mean', 'variance', 'stats', 'channels', 'epsilon'],
    floats: ['epsilon'],
  },
  /** out = (x - mean) / deviation * gamma + beta, by channel, with `stats` as given. */
  affine: { code: 22, operands: ['x', 'gamma', 'beta', 'out', 'stats', 'places', 'channels'] },
  /** The same with `stats` as constants. */
  affineBack: {
    code: 23,
    operands: ['x', 'gamma', 'stats', 'g', 'dx', 'dgamma', 'dbeta', 'places', 'channels', 'add', 'addSlope'],
  },
  /** Over the last axis. Writes `stats` `[rows * places, 2]`: mean and 1 / sqrt(variance + epsilon). */
  layerNorm: {
    code: 24,
    operands: ['x', 'gamma', 'beta', 'out', 'stats', 'places', 'channels', 'epsilon'],
    floats: ['epsilon'],
  },
  layerNormBack: {
    code: 25,
    operands: ['x', 'gamma', 'stats', 'g', 'dx', 'dgamma', 'dbeta', 'places', 'channels', 'add', 'addSlope'],
  },
  /** out = activation(z). In place allowed. */
  activate: { code: 26, operands: ['z', 'out', 'size', 'activation'] },
  /** dz from g times the derivative; relu, tanh and sigmoid read only y, gaussian reads z and y. In place (g = dz) allowed. */
  activateBack: { code: 27, operands: ['z', 'y', 'g', 'dz', 'size', 'activation', 'add'] },
  /** out = a + b. In place allowed. */
  sum: { code: 28, operands: ['a', 'b', 'out', 'size'] },
  /** out from a * b. In place allowed. */
  product: { code: 29, operands: ['a', 'b', 'out', 'size', 'add'] },
  /** out from factor * a. In place allowed. */
  scale: { code: 30, operands: ['a', 'out', 'size', 'factorCell', 'add'] },
  /** out from a: a copy, or with `add` 1 `out += a`. */
  copy: { code: 31, operands: ['a', 'out', 'size', 'add'] },
  /**
   * `count` columns of the last axis: out `[rows * places, outWidth]` from column `outStart` gets those of a
   * `[rows * places, aWidth]` from `aStart`. Concat, slice, addTo and their ways back are made of it.
   */
  columns: {
    code: 32,
    operands: ['a', 'out', 'places', 'aWidth', 'aStart', 'outWidth', 'outStart', 'count', 'add'],
  },
  /** out `[rows, places, channels]` from x times gate `[rows, channels]` at every place. */
  gate: { code: 33, operands: ['x', 'gate', 'out', 'places', 'channels', 'add'] },
  /** dgate `[rows, channels]` from the sum over places of x * g. (The way back to x is `gate` on g.) */
  gateBack: { code: 34, operands: ['x', 'g', 'dgate', 'places', 'channels', 'add'] },
  /** x `[rows, height, width, channels]`, each pixel `by` times in both directions. */
  upsample: { code: 35, operands: ['x', 'out', 'height', 'width', 'channels', 'by'] },
  /** height and width are those of dx. */
  upsampleBack: { code: 36, operands: ['g', 'dx', 'height', 'width', 'channels', 'by', 'add'] },
  /** Softmax(q k^T / sqrt(width / heads)) v. Writes `shares` `[rows, heads, places, places]`, which the way back reads. */
  attend: { code: 37, operands: ['q', 'k', 'v', 'out', 'shares', 'places', 'width', 'heads'] },
  /** dq, dk, dv: each may be `nowhere`; each has its own `add`. */
  attendBack: {
    code: 38,
    operands: [
      'q',
      'k',
      'v',
      'shares',
      'g',
      'dq',
      'dk',
      'dv',
      'places',
      'width',
      'heads',
      'addQ',
      'addK',
      'addV',
    ],
  },
  /** out `[rows, places, width]`: rows of table `[words, width]` by ids `[rows, places]`. An id that is none gives NaN. */
  embed: { code: 39, operands: ['ids', 'table', 'out', 'places', 'words', 'width'] },
  embedSlope: { code: 40, operands: ['ids', 'g', 'dtable', 'places', 'words', 'width', 'addSlope'] },
  /**
   * out from a * mask / (1 - rate). Forward and back are the same. The mask follows from key (32 bits), the step in
   * `stepCell` (an int32), row in the batch and place in the row: see nn/dropout-mask.ts. In place allowed.
   */
  dropout: { code: 41, operands: ['a', 'out', 'size', 'rate', 'key', 'stepCell', 'add'], shares: ['rate'] },
  /**
   * Gradient `[rows, width]` of the mean over the whole batch, of `softmax cross entropy(z, t)`; `inverseRowsCell`
   * holds 1 / rows of the whole batch. `lossCell` (float64) under `addSlope` gets the SUM of the rows' losses.
   * g may be `nowhere`. In place (g = z) allowed.
   */
  softmaxLoss: { code: 42, operands: ['z', 't', 'g', 'width', 'inverseRowsCell', 'lossCell', 'addSlope'] },
  /** The same of the mean square over rows and outputs; `lossCell` gets the sum over rows of the mean over outputs. */
  squareLoss: { code: 43, operands: ['z', 't', 'g', 'width', 'inverseRowsCell', 'lossCell', 'addSlope'] },
  /** Two float64 from `cell` on, under `addSlope`: sum and sum of squares of x `[rows, size]`: variance as a by-product. */
  moments: { code: 44, operands: ['x', 'size', 'cell', 'addSlope'] },
  /** Copies x `[rows, size]` to where these rows belong in out `[all rows of the batch, size]`. */
  keepRows: { code: 45, operands: ['x', 'out', 'size'] },
  /** Clears `[rows, size]`. */
  clear: { code: 46, operands: ['out', 'size'] },
  /**
   * Lists what is not zero in x `[rows, ins]`, for the next two; where most is not zero it says so, and they are `dense`
   * and `denseSlope`. By the int32 in `sourceCell` x are float32, bytes that stand for 0 to 1, or int32 numbers of rows on
   * the shelf whose address the next int32 holds: see `sources`.
   * @see listNumbers for the size of `list`
   */
  listNonzero: { code: 47, operands: ['x', 'list', 'ins', 'sourceCell'] },
  /** As dense, of places 1. All of w must be finite: what multiplies a zero is not looked at. */
  denseListed: { code: 48, operands: ['list', 'x', 'w', 'b', 'out', 'ins', 'units', 'activation'] },
  /** As denseSlope, of places 1. */
  denseListedSlope: { code: 49, operands: ['list', 'x', 'g', 'dw', 'ins', 'units', 'addSlope'] },
  /**
   * Lists rows of bytes `[rows, ins]` behind those that are on a shelf of so many `bytes`. `ends` is the int32 where the row
   * before them ends, in bytes from the shelf's start; theirs follow, 0 for the first one that has no room. `numbers`: 1 KiB.
   */
  shelve: { code: 50, operands: ['x', 'ends', 'shelf', 'numbers', 'bytes', 'ins'] },

  // From here on sizes are whole: rows play no part. `b` is the second half's gradient, `nowhere` when there is one half.

  /** Clears `count` numbers. */
  clearBlock: { code: 64, operands: ['out', 'count'] },
  /** Copies `count` numbers, `out += a` with `add` 1. */
  copyBlock: { code: 65, operands: ['a', 'out', 'count', 'add'] },
  /** `cell` (float64) gets the sum of (a + b)^2: not finite when a number in them is not, or is huge. With `add` 1 adds. */
  squares: { code: 66, operands: ['a', 'b', 'count', 'cell', 'add'] },
  /** running = momentum * running + (1 - momentum) * batch, `count` numbers. @see NormKind */
  follow: {
    code: 67,
    operands: ['running', 'batch', 'count', 'momentum', 'rest'],
    floats: ['momentum', 'rest'],
  },
  /** w -= rate * (scale * (a + b) + decay * w). @see nn/optimizer.ts for this and the next */
  sgd: { code: 68, operands: ['w', 'a', 'b', 'count', 'rateCell', 'scaleCell', 'decay'], floats: ['decay'] },
  momentum: {
    code: 69,
    operands: ['w', 'speed', 'a', 'b', 'count', 'rateCell', 'scaleCell', 'momentum', 'decay'],
    floats: ['momentum', 'decay'],
  },
  /**
   * One of coupled (adam) and decoupled (adamw) decay is 0. `rest1` is 1 - beta1, `rest2` 1 - beta2 (given, because the
   * difference of float32 is not). `corrections` holds pairs 1 / (1 - beta1^age), 1 / (1 - beta2^age), float32, one pair
   * per class of age; `classes` holds a byte per weight, or is `nowhere` when all are of class 0.
   */
  adam: {
    code: 70,
    operands: [
      'w',
      'first',
      'second',
      'a',
      'b',
      'count',
      'rateCell',
      'scaleCell',
      'beta1',
      'rest1',
      'beta2',
      'rest2',
      'epsilon',
      'coupled',
      'decoupled',
      'corrections',
      'classes',
    ],
    floats: ['beta1', 'rest1', 'beta2', 'rest2', 'epsilon', 'coupled', 'decoupled'],
  },
} as const satisfies Record<string, InstructionShape>;

/** Numbers (4 bytes each) of a list by `listNonzero`: those of a row, and those beside the rows. */
export const listNumbers = (ins: number) => ({ perRow: ins + 2, fixed: 276 + 2 * ins });

interface InstructionShape {
  readonly code: number;
  readonly operands: readonly string[];
  /** Operands that are float32. */
  readonly floats?: readonly string[];
  /** Operands from 0 to below 1 that are given in parts of 2^32, rounded up. */
  readonly shares?: readonly string[];
}

export type InstructionName = keyof typeof instructions;

export type OperandsOf<N extends InstructionName> = Readonly<
  Record<(typeof instructions)[N]['operands'][number], number>
>;

/** A program in the making. Segments of it (say pass, norms, update) are run by themselves, see `Engine.run`. */
export class ProgramWriter {
  readonly #words: number[] = [];
  readonly #float = new Float32Array(1);
  readonly #bits = new Int32Array(this.#float.buffer);

  /** Index of the next word: the beginning or end of a segment. */
  get length(): number {
    return this.#words.length;
  }

  emit<N extends InstructionName>(name: N, operands: OperandsOf<N>): void {
    const shape: InstructionShape = instructions[name];
    const given: Readonly<Record<string, number>> = operands;
    this.#words.push(shape.code | (shape.operands.length << 8));
    for (const operand of shape.operands) {
      const value = given[operand]!;
      this.#words.push(this.#wordOf(shape, operand, value));
    }
  }

  /** What `Engine.load` takes. */
  words(): Int32Array {
    return Int32Array.from(this.#words);
  }

  #wordOf({ floats, shares }: InstructionShape, operand: string, value: number): number {
    if (shares?.includes(operand) === true) return Math.ceil(value * 4_294_967_296) | 0;
    if (floats?.includes(operand) !== true) return value | 0;
    this.#float[0] = value;
    return this.#bits[0]!;
  }
}
