/** Reads a program of `nn/fused/opcodes.ts` word by word and has its instructions carried out. */
import { activate, activateBack } from './bends';
import { attend, attendBack } from './attend';
import { depthwiseForward, depthwiseInputs, depthwiseWeights } from './depthwise';
import { dropout, embed, embedSlope } from './embed';
import { moments, softmaxLoss, squareLoss, squares } from './losses';
import {
  affine, affineBack, batchNorm, batchNormBack, layerNorm, layerNormBack, restingStats,
} from './norms';
import { maxPool, maxPoolBack, meanPool, meanPoolBack } from './pool';
import { denseListed, denseListedSlope, listNonzero, shelve } from './nonzero';
import { columnSums, convForward, convInputs, convWeights, dense, denseBack, denseSlope } from './products';
import {
  clear, clearBlock, columns, copy, copyBlock, follow, keepRows, product, scale, sum, upsample, upsampleBack,
} from './shapes';
import { gate, gateBack, squeezeMax, squeezeMaxBack, squeezeMean, squeezeMeanBack } from './squeeze';
import { enter } from './state';
import { adam, momentum, sgd } from './steps';

/**
 * Runs the words from `begin` to `end` (addresses) on `count` rows from row `first` on, `micro` rows at a time.
 * `inputs` and `targets` are the addresses of the batch's row 0, with so many bytes a row.
 * @param opening false when slopes of an earlier micro-batch are there to be added to
 * @returns 0, or the address of a word that is no instruction
 */
export function run(
  begin: usize, end: usize, first: i32, count: i32, micro: i32, half: usize, scratch: usize,
  inputs: usize, inputBytes: i32, targets: usize, targetBytes: i32, opening: bool,
): usize {
  for (let row = first; row < first + count; row += micro) {
    const some = min(micro, first + count - row);
    const inputsAt = inputs + <usize>row * <usize>inputBytes;
    const targetsAt = targets + <usize>row * <usize>targetBytes;
    enter(some, row, opening && row == first, half, scratch, inputsAt, targetsAt);
    for (let at = begin; at < end; ) {
      const word = load<i32>(at);
      const code = word & 0xff;
      if (!(code < 40 ? early(code, at + 4) : late(code, at + 4))) return at;
      at += 4 + (<usize>(word >> 8) << 2);
    }
  }
  return 0;
}

/** Layers, their slopes and ways back. */
function early(code: i32, at: usize): bool {
  switch (code) {
    case 1: dense(at); break;
    case 2: denseSlope(at); break;
    case 3: denseBack(at); break;
    case 4: columnSums(at); break;
    case 5: convForward(at); break;
    case 6: convWeights(at); break;
    case 7: convInputs(at); break;
    case 8: depthwiseForward(at); break;
    case 9: depthwiseWeights(at); break;
    case 10: depthwiseInputs(at); break;
    case 11: maxPool(at); break;
    case 12: maxPoolBack(at); break;
    case 13: meanPool(at); break;
    case 14: meanPoolBack(at); break;
    case 15: squeezeMean(at); break;
    case 16: squeezeMeanBack(at); break;
    case 17: squeezeMax(at); break;
    case 18: squeezeMaxBack(at); break;
    case 19: batchNorm(at); break;
    case 20: batchNormBack(at); break;
    case 21: restingStats(at); break;
    case 22: affine(at); break;
    case 23: affineBack(at); break;
    case 24: layerNorm(at); break;
    case 25: layerNormBack(at); break;
    case 26: activate(at); break;
    case 27: activateBack(at); break;
    case 28: sum(at); break;
    case 29: product(at); break;
    case 30: scale(at); break;
    case 31: copy(at); break;
    case 32: columns(at); break;
    case 33: gate(at); break;
    case 34: gateBack(at); break;
    case 35: upsample(at); break;
    case 36: upsampleBack(at); break;
    case 37: attend(at); break;
    case 38: attendBack(at); break;
    case 39: embed(at); break;
    default: return false;
  }
  return true;
}

/** Losses, figures and updates. */
function late(code: i32, at: usize): bool {
  switch (code) {
    case 40: embedSlope(at); break;
    case 41: dropout(at); break;
    case 42: softmaxLoss(at); break;
    case 43: squareLoss(at); break;
    case 44: moments(at); break;
    case 45: keepRows(at); break;
    case 46: clear(at); break;
    case 47: listNonzero(at); break;
    case 48: denseListed(at); break;
    case 49: denseListedSlope(at); break;
    case 50: shelve(at); break;
    case 64: clearBlock(at); break;
    case 65: copyBlock(at); break;
    case 66: squares(at); break;
    case 67: follow(at); break;
    case 68: sgd(at); break;
    case 69: momentum(at); break;
    case 70: adam(at); break;
    default: return false;
  }
  return true;
}
