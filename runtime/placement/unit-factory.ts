/** How a node makes a unit: code is local, nothing but names, numbers and state ever travels. */
import type { Message } from '../actor/messages.ts';
import type { Ref } from '../actor/ref.ts';
import type { Held } from '../remote/tenure.ts';
import type { ChildSpec, SupervisorOptions } from '../supervisor/spec.ts';

/** What one tenure of a unit begins with. */
export interface UnitStart {
  readonly unit: string;
  /** The unit acts only while `held()`; its epoch belongs on everything it writes where others may write too. */
  readonly held: Held;
  /** What `take` gave on the node it came from; undefined after a crash, a failover or a first start. */
  readonly given: unknown;
}

/** Registered by name with the agent of every node that may run the unit. */
export interface UnitFactory {
  /** Children of the unit's own supervisor, `esper/units/<unit>`, for one tenure. */
  children(start: UnitStart): readonly ChildSpec[];
  /** Id of the child that messages to `esper/placed/<unit>` are for; the first one unless said. */
  readonly door?: string;
  /** How the unit's children are helped up before the unit as a whole counts as down; one_for_all, 3 in 60 s unless said. */
  readonly supervision?: Partial<Pick<SupervisorOptions, 'strategy' | 'intensity' | 'periodMs' | 'backoff'>>;
  readonly handover?: {
    /**
     * Asks the unit for its state, behind all messages it was sent before. From its answer on the unit must change
     * nothing any more: it is stopped next. What it answers must be plain data that the codec can carry.
     */
    take(door: Ref<Message>, withinMs: number): Promise<unknown>;
  };
  /** Makes ready what a start needs and acts on nothing; the answer lets go of it. */
  warm?(): () => void;
}
