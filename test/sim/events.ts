/** What Esper's own scenarios remember: the words that the checkers understand. */

export type SimEvent =
  /** Somebody was told that `id` is safe in `store`. */
  | { readonly kind: 'acknowledged'; readonly store: string; readonly id: string }
  /** These were let go on purpose, or are about to be. */
  | { readonly kind: 'released'; readonly store: string; readonly ids: readonly string[] }
  /** All that a store holds, as found after a start or in the end. */
  | { readonly kind: 'found'; readonly store: string; readonly ids: readonly string[] }
  /** `n` is the sender's own count. */
  | { readonly kind: 'received'; readonly by: string; readonly from: string; readonly n: number }
  | { readonly kind: 'asked'; readonly id: string; readonly withinMs: number }
  | { readonly kind: 'settled'; readonly id: string; readonly how: string }
  /** The handling of one message began. */
  | { readonly kind: 'attempt'; readonly id: string }
  /** What message `id` was sent for has happened to `on`. */
  | { readonly kind: 'effect'; readonly on: string; readonly id: string }
  | { readonly kind: 'owner'; readonly of: string; readonly epoch: number; readonly acts: boolean }
  /** A resource that checks epochs took a write. */
  | { readonly kind: 'fenced'; readonly resource: string; readonly epoch: number }
  | {
      readonly kind: 'restart';
      readonly supervisor: string;
      readonly child: string;
      readonly intensity: number;
      readonly periodMs: number;
      /** By the clock that the supervisor sees. */
      readonly clockMs: number;
    }
  | { readonly kind: 'seed'; readonly seed: string; readonly from: string; readonly to: string }
  | { readonly kind: 'captured'; readonly checkpoint: string; readonly digest: string }
  | { readonly kind: 'rolled_back'; readonly checkpoint: string; readonly digest: string }
  | { readonly kind: 'executed'; readonly kernel: string; readonly digest: string; readonly expected: string }
  | { readonly kind: 'step'; readonly run: string; readonly n: number; readonly loss: number }
  /** Training goes on after step `n`: 0 at the start, a checkpoint's step after a rollback or a resume. */
  | { readonly kind: 'resumed'; readonly run: string; readonly n: number }
  | { readonly kind: 'audit'; readonly entries: readonly AuditEntry[] }
  | { readonly kind: 'logged'; readonly text: string; readonly secrets: readonly string[] }
  /** A size that has a bound. */
  | { readonly kind: 'size'; readonly of: string; readonly is: number; readonly most: number }
  /** Sums that must stay what they are: money, items. */
  | { readonly kind: 'sum'; readonly of: string; readonly is: number; readonly should: number };

export interface AuditEntry {
  readonly n: number;
  readonly what: string;
  /** Hash of the entry before. */
  readonly previous: string;
  readonly hash: string;
}

export type Of<K extends SimEvent['kind']> = Extract<SimEvent, { kind: K }>;
