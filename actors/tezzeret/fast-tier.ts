/** The fast tier: checks a blueprint, brings it into canonical form, and names it by its content. */
import { type BlueprintIR, canonicalText, inReadingOrder, readsOf } from '../../contracts/index.ts';

/** What compiling needs from outside, so that it stays a function of its arguments. */
export interface Toolchain {
  /** Why the blueprint cannot be used; empty when it can. Must not trust its input. */
  readonly check: (blueprint: BlueprintIR) => readonly string[];
  /** Trainable weights between an input and an output of these widths. */
  readonly parameters: (blueprint: BlueprintIR, inWidth: number, outWidth: number) => number;
  /** SHA-256 of a text, 64 hex digits. */
  readonly sha256: (text: string) => string;
}

/** `lean` leaves out nodes that do not reach the output; `as_written` keeps all. */
export type CompileSettings = 'lean' | 'as_written';

export type Compiled =
  | {
      readonly kind: 'kernel';
      readonly kernelId: string;
      readonly blueprint: BlueprintIR;
      readonly referenceParameters: number;
    }
  | { readonly kind: 'invalid'; readonly reasons: readonly string[] };

/** Parameters are counted for a slot this wide on both sides, so that blueprints can be compared. */
const REFERENCE_WIDTH = 64;

/** Compiles once. Equal graphs give equal kernels, on every machine. */
export function compileFast(blueprint: BlueprintIR, settings: CompileSettings, tools: Toolchain): Compiled {
  const reasons = tools.check(blueprint);
  if (reasons.length > 0) return { kind: 'invalid', reasons };
  const nodes = settings === 'lean' ? reachable(blueprint) : blueprint.nodes;
  const canonical = { ...blueprint, nodes: [...inReadingOrder(nodes)] };
  return {
    kind: 'kernel',
    kernelId: `sha256:${tools.sha256(canonicalText(canonical))}-fast`,
    blueprint: canonical,
    referenceParameters: tools.parameters(canonical, REFERENCE_WIDTH, REFERENCE_WIDTH),
  };
}

function reachable({ nodes, output }: BlueprintIR): BlueprintIR['nodes'] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const wanted = new Set<string>();
  const pending = [output];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const node = byId.get(id);
    if (!node || wanted.has(id)) continue;
    wanted.add(id);
    pending.push(...readsOf(node));
  }
  return nodes.filter(({ id }) => wanted.has(id));
}
