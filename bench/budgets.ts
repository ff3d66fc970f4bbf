/** What each figure may cost: `seed` is what was asked of the product, `aim` what it wants of itself. */
import type { Figure } from './suite.ts';

export interface Budget {
  readonly aim: number | null;
  readonly seed: number | null;
  /** Which number is held against it. */
  readonly judged: 'median' | 'p95';
  readonly better: 'less' | 'more';
}

const atMost = (aim: number, seed: number | null = null, judged: Budget['judged'] = 'median'): Budget => ({
  aim,
  seed,
  judged,
  better: 'less',
});
const atLeast = (aim: number, seed: number | null = null): Budget => ({
  aim,
  seed,
  judged: 'median',
  better: 'more',
});

/** In the units of the figures, by `suite/name`. A figure that is not here is shown for comparison. */
export const BUDGETS: Readonly<Record<string, Budget>> = {
  'boundary/hook-32-seeds': atMost(2, 18, 'p95'),
  'rollback/restore-1m': atMost(5, 500, 'p95'),
  'rollback/restore-10m': atMost(20, 500, 'p95'),
  'mailbox/tell': atLeast(20e6, 10e6),
  'mailbox/ask-deadline': atLeast(3e6, 1.5e6),
  'mailbox/restart-in-place': atMost(10),
  'mailbox/spawn-stop': atLeast(150e3),
  'hooks/tell-hooks-on': atLeast(10e6),
  'hooks/ask-hooks-on': atLeast(1.5e6),
  'lifecycle/tear-down-20k': atMost(100),
  'lifecycle/tear-down-20k-light': atMost(100),
  'lifecycle/idle-actor': atMost(1_800),
  'lifecycle/idle-actor-light': atMost(400, 600),
  'tasks/reschedule': atLeast(3e6, 1e6),
  'packet/pack': atMost(3, 80),
  'packet/unpack': atMost(3, 80),
  'packet/arena-write': atMost(20, 100),
  'packet/arena-1000-seeds': atMost(2 * 2 ** 20, 100 * 2 ** 20),
  'packet/validate-message': atMost(0.2, 20),
  'wal/append-10k': atMost(0.5, 2),
  'wal/replay': atLeast(1.5e6, 1e6),
  'remote/ask-one-by-one': atMost(0.2),
  'bus/paced-12k-p99': atMost(5, 5),
  'bus/paced-12k-lost': atMost(0, 0),
  'bus/batched': atLeast(150e3, 150e3),
  'bus/ask-one-by-one': atMost(0.2, 0.3),
  'bus/ask-beside-bare': atMost(1.3),
  'bus/ask-in-flight': atLeast(30e3, 30e3),
  'durable/append-apply-answer': atMost(0.5, 2),
  'start/first-step': atMost(1.5, 30),
  'transition/table': atMost(0.05, 1),
  'dormant/overhead': atMost(0.5, 5),
  'tensors/s-sgd-wasm-to-cpu': atLeast(5),
  'tensors/b-sgd-wasm-to-cpu': atLeast(25),
  'tensors/c-sgd-wasm-to-cpu': atLeast(150),
  'tensors/s-sgd-fused-1-to-cpu': atLeast(50),
  'tensors/b-sgd-fused-1-to-cpu': atLeast(40),
  'tensors/c-sgd-fused-1-to-cpu': atLeast(600),
  'tensors/s-sgd-dormant-reference-to-bare': atMost(1.02),
  'tensors/b-sgd-dormant-reference-to-bare': atMost(1.02),
  'tensors/s-sgd-dormant-reference-extra-kernels': atMost(0),
  'tensors/b-sgd-dormant-reference-extra-kernels': atMost(0),
  'tensors/snapshot-1m': atMost(0.2),
  'tensors/snapshot-10m': atMost(0.2),
  'tensors/snapshot-fused-1m': atMost(0.2),
  'tensors/snapshot-fused-10m': atMost(3),
  'tensors/system-overhead': atMost(3, 5),
};

/** Within its aim, within what was asked, or neither; `shown` when nothing was promised. */
export type Mark = 'aim' | 'seed' | 'short' | 'shown';

export function markOf(figure: Figure, budget: Budget | undefined): Mark {
  if (budget === undefined) return 'shown';
  const reading = figure[budget.judged];
  const keeps = (limit: number | null) =>
    limit !== null && (budget.better === 'less' ? reading <= limit : reading >= limit);
  if (keeps(budget.aim)) return 'aim';
  return keeps(budget.seed) ? 'seed' : 'short';
}
