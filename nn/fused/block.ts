/** The flat block of all weights: what learns together lies together, so that a norm or an update is one instruction. */
import { type HostState, parametersOf, type Seed } from '../host-state.ts';
import { type Parameter, sizeOf } from '../parameter.ts';
import type { Cells } from './cells.ts';

/** Weights next to each other that are updated alike. In numbers, from the start of the block. */
export interface Range {
  readonly from: number;
  readonly count: number;
  readonly decays: boolean;
  readonly parameters: readonly Parameter[];
}

/** Everything that shares a rate and a norm. */
export interface Group {
  readonly id: string;
  /** Null for the host. */
  readonly seed: Seed | null;
  readonly ranges: readonly Range[];
  /** Addresses: float32, float32, float64. */
  readonly rateCell: number;
  readonly scaleCell: number;
  readonly squaresCell: number;
}

export interface Block {
  readonly groups: readonly Group[];
  /** Numbers from the start of the block; weights that rest come last. */
  readonly offsets: ReadonlyMap<Parameter, number>;
  /** Numbers that learn, and all of them. */
  readonly learning: number;
  readonly count: number;
  readonly learned: readonly Parameter[];
}

/** Ranges begin where a cache line does; inside there are no gaps that a norm could stumble over. */
const LINE = 16;
/** The next such beginning. */
export const onLine = (at: number) => Math.ceil(at / LINE) * LINE;

/** @param learned weights that get a gradient @param decaying is there a weight decay to tell kernels and biases apart? */
export function blockOf(
  state: HostState,
  learned: ReadonlySet<Parameter>,
  cells: Cells,
  decaying: boolean,
): Block {
  const members = new Map<string, Parameter[]>();
  const resting: Parameter[] = [];
  for (const { group, parameter } of parametersOf(state)) {
    if (!learned.has(parameter)) resting.push(parameter);
    else if (members.has(group)) members.get(group)!.push(parameter);
    else members.set(group, [parameter]);
  }
  const offsets = new Map<Parameter, number>();
  let at = 0;
  const place = (parameters: readonly Parameter[], decays: boolean): Range => {
    const from = at;
    // Even sizes first: those behind them begin on a line of their own as well.
    const even = (parameter: Parameter) => Number(sizeOf(parameter) % LINE !== 0);
    const ordered = [...parameters].sort((a, b) => even(a) - even(b));
    for (const parameter of ordered) {
      offsets.set(parameter, at);
      at += sizeOf(parameter);
    }
    const range = { from, count: at - from, decays, parameters: ordered };
    at = onLine(at);
    return range;
  };
  const groups = [...members].map(([id, parameters]): Group => {
    const slopes = parameters.filter(({ shape }) => decaying && shape.length > 1);
    const others = parameters.filter((parameter) => !slopes.includes(parameter));
    const ranges = [place(slopes, true), place(others, false)].filter(({ count }) => count > 0);
    const cellsOf = { rateCell: cells.float(), scaleCell: cells.float(), squaresCell: cells.double() };
    return { id, seed: state.seeds.get(id) ?? null, ranges, ...cellsOf };
  });
  const learning = at;
  place(resting, false);
  return { groups, offsets, learning, count: at, learned: [...learned] };
}
