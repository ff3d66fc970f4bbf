/** What a contender is asked to do, and what it answers: plain data, over whatever joins two processes. */
import type { BackendName } from '../../contracts/index.ts';
import type { ModelName } from './models.ts';

/** How a step is made: a loop as people write it over tensorflow.js, or one of our plans. */
export type Way =
  | { readonly kind: 'loop'; readonly backend: BackendName; readonly pack: boolean }
  | { readonly kind: 'reference' }
  | { readonly kind: 'fused'; readonly threads: 1 | 2; readonly blas: boolean };

/** What grows in the first hidden layer: nothing and no place for it, an empty place, or a seed at work. */
export type Growth = 'none' | 'dormant' | 'isolated' | 'live' | 'fossil';

export interface Task {
  readonly model: ModelName;
  readonly optimizer: 'sgd' | 'adam';
  readonly growth: Growth;
}

/** One burst of steps of a task. The first one of a task warms up as well. */
export interface Order extends Task {
  /** Milliseconds that it should take: as many steps as fit, at least one. */
  readonly forMs: number;
}

export type Reply =
  | {
      readonly msPerStep: number;
      /** Of processor time; absent where nobody says. */
      readonly processorMsPerStep?: number;
      readonly kernels: number | null;
    }
  /** It cannot be done here. */
  | { readonly absent: string };

export const taskName = ({ model, optimizer, growth }: Task): string =>
  growth === 'none' ? `${model}-${optimizer}` : `${model}-${optimizer}-${growth}`;
