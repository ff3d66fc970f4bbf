/** What the runtime itself says to an actor, and the words for how a life ends. */
import type { RollbackOutcome } from './checkpoints.ts';

/** Anything an actor can be sent: the type picks the handler. */
export interface Message {
  readonly type: string;
}

/** How a life ended. `normal` and `shutdown` are no failures. */
export type StopReason =
  | { readonly kind: 'normal' }
  | { readonly kind: 'shutdown'; readonly why: string }
  | { readonly kind: 'killed'; readonly why: string }
  | { readonly kind: 'crashed'; readonly error: Error }
  /** Told to watchers on other nodes: its node is gone, and nobody knows how the life ended. */
  | { readonly kind: 'node_down'; readonly node: string; readonly epoch: number; readonly why: string };

/** How an actor may end itself. */
export type Exit = Extract<StopReason, { readonly kind: 'normal' | 'shutdown' }>;

/** Is an ended life followed by another? permanent: always · transient: unless it ended well · temporary: never. */
export type Restart = 'permanent' | 'transient' | 'temporary';

/** Where an actor is in its life. */
export type Lifecycle = 'starting' | 'ready' | 'suspended' | 'restarting' | 'stopping' | 'stopped';

/** A watched incarnation ended. One watch, one Down; watch again to hear of the next incarnation. */
export interface Down {
  readonly type: 'runtime.down';
  readonly path: string;
  /** 1-based; 0 when there was nobody to watch. */
  readonly incarnation: number;
  readonly reason: StopReason;
}

/** The group this actor belongs to went back to a checkpoint; its jobs and timers are gone. */
export interface RolledBack {
  readonly type: 'runtime.rolled_back';
  readonly outcome: RollbackOutcome;
  readonly reason: string;
  readonly details: unknown;
}

export const normal: Exit = Object.freeze({ kind: 'normal' });
