/** The few words of comedy this project uses, with their types: the rest of it is out of bounds. */
import { loadComedy } from './spare-parts.ts';

/** An in-memory actor. Anything else comedy can make is refused by the factory. */
export interface ComedyActor {
  createChild(
    definition: object,
    config: { readonly mode: 'in-memory'; readonly name: string },
  ): Promise<unknown>;
  destroy(): Promise<void>;
  /** `new` and `ready` take children; `destroying` and `destroyed` do not. */
  getState(): string;
}

export interface ComedySystem {
  rootActor(): Promise<ComedyActor>;
  destroy(): Promise<void>;
  readonly sigintHandler: () => void;
  readonly sigtermHandler: () => void;
}

interface Comedy {
  createSystem(options: Readonly<Record<string, unknown>>): ComedySystem;
}

const comedy = loadComedy<Comedy>();

export const createSystem = (options: Readonly<Record<string, unknown>>): ComedySystem =>
  comedy.createSystem(options);
