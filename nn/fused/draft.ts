/** Instructions whose places are still open: buffers that share memory later, weights that get an address later. */
import type { Parameter } from '../parameter.ts';
import type { InstructionName, OperandsOf } from './opcodes.ts';

/** A stretch of a half's working memory. Sizes in numbers (4 bytes each). */
export interface Buffer {
  readonly perRow: number;
  /** Beside the rows, however many there are. */
  readonly fixed: number;
  /** Read after the pass: shares its place with nothing. */
  readonly pinned: boolean;
  /** Read from one end to the other, as the inputs are: how many rows fit the cache does not depend on it. */
  readonly streamed: boolean;
}

/** A block of weights, or its gradient. */
export interface WeightPlace {
  readonly parameter: Parameter;
  readonly part: 'value' | 'slope';
}

export type Operand = number | Buffer | WeightPlace;

export interface Line {
  readonly name: InstructionName;
  /** Open to change until the draft is laid out. */
  readonly operands: Record<string, Operand>;
}

/** What an instruction is told, with open places. */
export type OpenOperands<N extends InstructionName> = Readonly<Record<keyof OperandsOf<N>, Operand>>;

/** A program in the making. */
export class Draft {
  readonly lines: Line[] = [];

  buffer(perRow: number, fixed = 0, { pinned = false, streamed = false } = {}): Buffer {
    return { perRow, fixed, pinned, streamed };
  }

  emit<N extends InstructionName>(name: N, operands: OpenOperands<N>): Line {
    const line = { name, operands: { ...operands } as Record<string, Operand> };
    this.lines.push(line);
    return line;
  }
}

export const isBuffer = (operand: Operand): operand is Buffer =>
  typeof operand === 'object' && 'perRow' in operand;
