/** The long work: one kernel on the bench, from planting to certificate. */
import { KernelCharacterized, type KernelReady } from '../../contracts/index.ts';
import { judge } from './behaviour.ts';
import type { Limits } from './options.ts';
import type { ProbeBench } from './readings.ts';

/** Measures and judges. Ends as one message. @throws when the bench itself is broken */
export async function characterize(
  bench: ProbeBench,
  { requestId, kernel }: KernelReady,
  limits: Limits,
): Promise<KernelCharacterized> {
  const certificate = judge(kernel, await bench.measure(kernel), limits);
  return KernelCharacterized.of({ requestId, certificate, engine: bench.engine });
}
