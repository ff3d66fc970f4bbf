/** What lets a system reach other nodes: it finds addresses there, and answers for the actors here. */
import type { Address } from '../actor/address.ts';
import type { Kernel } from '../actor/kernel.ts';

export interface RemoteSide {
  /** The system is made; its actors may look for others from now on. Once. */
  attach(kernel: Kernel): void;
  /** Whoever lives at `//node/path`; nothing for other paths. */
  find(path: string): Address | undefined;
  /** The tree has started: other nodes may come in. */
  serve(): void;
  /** The tree has stopped: tells the others, and lets go. Never rejects. */
  leave(): Promise<void>;
}
