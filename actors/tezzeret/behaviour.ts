/** Tezzeret's work on one blueprint: compile, once more with other settings, and mind the breaker. */
import {
  type BlueprintProposed,
  BlueprintRejected,
  KernelCompiled,
  toFailure,
} from '../../contracts/index.ts';
import { type Breaker, type BreakerLimits, closed, failed, lets } from './breaker.ts';
import { type Compiled, type CompileSettings, compileFast, type Toolchain } from './fast-tier.ts';

export type TezzeretEvent =
  | { readonly kind: 'compiled' }
  | { readonly kind: 'broke'; readonly atMs: number; readonly limits: BreakerLimits };

export interface Outcome {
  /** What there is to say to the others. */
  readonly news: KernelCompiled | BlueprintRejected;
  readonly event: TezzeretEvent | null;
}

/** Settings to try, in this order. A blueprint that is invalid is so under all of them. */
const SETTINGS: readonly CompileSettings[] = ['lean', 'as_written'];

/**
 * Turns a proposal into a kernel or a reasoned no.
 * @param nowMs read before and after, so that the time it took is measured
 */
export function forge(
  breaker: Breaker,
  { requestId, blueprint, parents }: BlueprintProposed,
  tools: Toolchain,
  limits: BreakerLimits,
  nowMs: () => number,
): Outcome {
  const startedMs = nowMs();
  const reject = (...reasons: string[]) =>
    BlueprintRejected.of({ requestId, blueprintId: blueprint.id, reasons });
  if (!lets(breaker, startedMs, limits)) return { news: reject('compiler_resting'), event: null };
  const { compiled, failures } = attempt((settings) => compileFast(blueprint, settings, tools));
  if (!compiled) return { news: reject(...failures), event: { kind: 'broke', atMs: nowMs(), limits } };
  if (compiled.kind === 'invalid') return { news: reject(...compiled.reasons), event: { kind: 'compiled' } };
  const { kind: _, ...built } = compiled;
  const kernel = { ...built, pipeline: 'fast' as const, compileMs: nowMs() - startedMs };
  return { news: KernelCompiled.of({ requestId, kernel, parents }), event: { kind: 'compiled' } };
}

export function evolve(breaker: Breaker, event: TezzeretEvent): Breaker {
  if (event.kind === 'broke') return failed(breaker, event.atMs, event.limits);
  return closed;
}

/** A throw here is the compiler's own failure: it is tried again with other settings, then reported and counted. */
function attempt(compile: (settings: CompileSettings) => Compiled) {
  const failures: string[] = [];
  for (const settings of SETTINGS) {
    try {
      return { compiled: compile(settings), failures };
    } catch (thrown) {
      const { code, message } = toFailure(thrown);
      failures.push(`compiling ${settings} failed: ${code} ${message}`);
    }
  }
  return { compiled: null, failures };
}
