/** What the process of one backend tells the one that compares. */
import type { Answer } from './answer.ts';
import type { Slope } from './difference.ts';

export type Told =
  | { readonly kind: 'opened'; readonly device: string }
  | { readonly kind: 'absent'; readonly why: string }
  | {
      readonly kind: 'answered';
      readonly at: number;
      readonly answer: Answer;
      /** Of gradients, by the reference backend only. */
      readonly slopes: readonly Slope[];
    }
  | { readonly kind: 'failed'; readonly at: number; readonly why: string };
