/** One certified kernel, made by the real compiler, so that seeds can grow without an innovation plane. */
import { compileFast } from '../../actors/tezzeret/fast-tier.ts';
import { type CatalogueEntry, EsperError } from '../../contracts/index.ts';
import { checkBlueprint, kernelParameters, widen } from '../../nn/index.ts';
import { nodeHasher } from '../../runtime/adapters/node/hasher.ts';

const hasher = nodeHasher();
const sha256 = (text: string) => hasher.sha256([new TextEncoder().encode(text)]);

/** @param units that the blueprint widens a layer by */
export function certified(units: number): CatalogueEntry {
  const tools = { check: checkBlueprint, parameters: kernelParameters, sha256 };
  const compiled = compileFast(widen(units, 'tanh'), 'lean', tools);
  if (compiled.kind === 'invalid') {
    throw new EsperError('BENCH_BLUEPRINT_INVALID', compiled.reasons.join(', '), { units });
  }
  const { kernelId, blueprint, referenceParameters } = compiled;
  return {
    kernel: { kernelId, blueprint, referenceParameters, pipeline: 'fast', compileMs: 0 },
    certificate: {
      kernelId,
      blueprintId: blueprint.id,
      verdict: 'VALIDATED',
      riskScore: 0,
      hazardBand: 'LOW',
      tags: [],
      reasons: [],
      probes: {},
    },
  };
}
