/** When a step is not finite: which seeds made it so. */
import type { Pass } from './forward.ts';
import { allFinite } from './grid.ts';
import type { HostState, Seed } from './host-state.ts';
import type { TensorRuntime } from './runtime.ts';
import type { Var } from './tape/tape.ts';

/**
 * A seed is guilty when its input was finite and its weights or its output are not: others may only pass on what they
 * were given. When no seed is, those with a gradient that is not finite are named.
 */
export function guiltySeeds(
  runtime: TensorRuntime,
  state: HostState,
  pass: Pass<Var>,
  squares: ReadonlyMap<string, number>,
): ReadonlySet<string> {
  const guilty = new Set<string>();
  for (const [seedId, output] of pass.contributions) {
    const seed = state.seeds.get(seedId)!;
    if (!allFinite(runtime.peek(sourceOf(pass, seed).tensor))) continue;
    const weights = [...seed.body.parameters.values()].map(({ value }) => value);
    if (![output.tensor, ...weights].every((tensor) => allFinite(runtime.peek(tensor)))) guilty.add(seedId);
  }
  if (guilty.size > 0) return guilty;
  const broken = [...squares].filter(([group, sum]) => group !== 'host' && !Number.isFinite(sum));
  return new Set(broken.map(([group]) => group));
}

/** The whole tensor that a seed reads, or a share of. */
export const sourceOf = (pass: Pass<Var>, { place, sources }: Pick<Seed, 'place' | 'sources'>): Var =>
  place.span === 'cascade'
    ? pass.cascade[sources]!
    : (place.span === 'residual' ? pass.base : pass.h)[place.source]!;
