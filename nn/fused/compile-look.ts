/** Compiles a pass that only looks: some view of the network, outputs kept for all rows. */
import type { View } from '../forward.ts';
import type { HostState } from '../host-state.ts';
import type { HostSpec } from '../types.ts';
import { Draft } from './draft.ts';
import { writeForward } from './forward-code.ts';
import { Fusion } from './fusion.ts';
import { widthOfShape } from './graph.ts';
import { traceLook } from './lessons.ts';
import { address, nowhere } from './opcodes.ts';
import { Places } from './places.ts';
import { finishProgram, type Ground, type Program, type Span, writePass } from './program.ts';
import { readersOf } from './readers.ts';

export interface LookProgram extends Program {
  readonly pass: Span;
  /** Address of the outputs, `[chunk, width]`. */
  readonly outputsAt: number;
  readonly width: number;
  /** May the inputs be bytes? */
  readonly takesBytes: boolean;
  readonly multiplyAddsPerRow: number;
}

interface LookSite {
  readonly ground: Ground & { readonly sourceCell: number };
  /** Cells of the seeds' alphas. */
  readonly alphas: ReadonlyMap<string, number>;
  /** Rows of a run at most. */
  readonly chunk: number;
  /** May inputs that are mostly zero be listed? */
  readonly listing: boolean;
}

/**
 * @returns what has no instruction, in words, when something has none
 */
export function compileLook(
  walk: { readonly spec: HostSpec; readonly state: HostState },
  view: View,
  { ground, alphas, chunk, listing }: LookSite,
): LookProgram | string {
  const traced = traceLook(walk, view);
  if (traced.inexpressible !== null) return traced.inexpressible;
  const { nodes, output } = traced.lessons[0]!;
  const draft = new Draft();
  const sourceCell = listing ? address('shared', ground.sourceCell) : null;
  const places = new Places(draft, (seedId) => address('shared', alphas.get(seedId)!), sourceCell);
  const readers = readersOf(traced.lessons);
  const fusion = new Fusion(nodes, readers);
  for (const node of nodes) {
    if (readers.reached(node))
      writeForward({ places, fusion, stepCell: nowhere, follows: () => false }, node);
  }
  const width = widthOfShape(output.shape);
  draft.emit('keepRows', { x: places.of(output), out: address('shared', ground.work), size: width });
  const reserved = 4 * chunk * width + 64;
  const written = writePass(draft, ground, { reserved, wholeBatch: null, lossCount: 0, slopes: false });
  return {
    ...finishProgram(written),
    pass: { from: 0, to: written.writer.length },
    outputsAt: ground.work,
    width,
    takesBytes: places.takesBytes,
    multiplyAddsPerRow: traced.multiplyAddsPerRow,
  };
}
