/** Who owns whom, as a port: the tree of existence. Messages do not go through it. */

/** What an owned thing lets its owner do. */
export interface OwnedHooks {
  /** The one slow road in: queues a message and returns. */
  enqueue(message: unknown): void;
  /** Numbers for an aggregate view. */
  metrics(): Readonly<Record<string, number>>;
  /** The owner took it away: from outside, or as the end of `release`. */
  destroyed(): void;
}

/** A place in the tree of existence. */
export interface Owner {
  /** Brings a child into the tree. @throws OWNERSHIP_CLOSED after `release` */
  own(name: string, hooks: OwnedHooks): Promise<Owner>;
  /** Leaves the tree, children first; never waits for a message. Releasing twice is harmless. */
  release(): Promise<void>;
}

export interface Ownership {
  readonly root: Owner;
  /** Releases everything and lets go of the process. */
  close(): Promise<void>;
}
