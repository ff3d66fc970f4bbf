/** The blueprint families, and the standard catalogue made of them. */
import type { Activation, BlueprintIR } from '../../contracts/blueprint.ts';
import { bottleneck } from './bottleneck.ts';
import { cascade } from './cascade.ts';
import { gated } from './gated.ts';
import { gaussian } from './gaussian.ts';
import { widen } from './widen.ts';

export { bottleneck, cascade, gated, gaussian, widen };

/** What a run may grow unless told otherwise. @param activation that of the host's hidden layers, so that widening seeds can join them */
export function standardCatalogue(activation: Activation): readonly BlueprintIR[] {
  return [
    ...[1, 2, 3, 4, 8, 16, 32].map((count) => widen(count, activation)),
    ...[4, 8, 16].map((count) => bottleneck(count, activation)),
    ...[4, 8].map((count) => gated(count, activation)),
    ...[1, 2, 4].map((count) => gaussian(count)),
    cascade(1, 'tanh'),
    cascade(1, 'sigmoid'),
    cascade(1, 'gaussian'),
  ];
}
