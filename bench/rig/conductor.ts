/** A fourth seat in the triad's group: it takes cuts and goes back to them when a benchmark says so. */
import type { Blame } from '../../actors/tolaria/back-by-hand.ts';
import { accept, defineActor } from '../../runtime/index.ts';

export type ConductorMessage =
  | { readonly type: 'conductor.capture' }
  | { readonly type: 'conductor.go_back' };

/** What Tolaria says when the governor sees training diverge: nobody is guilty. */
const DIVERGED: { readonly blame: Blame; readonly atStep: number } = {
  blame: { guilty: [], cause: 'governor' },
  atStep: 0,
};

export const conductor = defineActor<null, ConductorMessage, never, null>({
  name: 'conductor',
  fresh: () => null,
  decide: {
    'conductor.capture': (_, __, cx) => accept(cx.checkpoints().capture({ boundary: 1, step: 0 })),
    'conductor.go_back': (_, __, cx) => accept(cx.rollback('the benchmark said so', DIVERGED)),
  },
});
