/** What carries bytes from node to node: subjects, at most once, and no promise that anything arrives. */

export interface Transport {
  /** Does it believe it reaches the broker? It may be wrong for as long as nobody has noticed. */
  readonly connected: boolean;
  /** Longest message it takes, in bytes. */
  readonly maxBytes: number;
  /**
   * Hands over a copy and returns at once: the memory of `bytes` may be written to again. False: certainly not sent,
   * because it is down or the message is too large. True promises nothing: it may be lost, late, doubled or overtaken.
   * Never throws for being down.
   */
  publish(subject: string, bytes: Uint8Array): boolean;
  /**
   * Words are joined by dots; a pattern's `*` takes one word, `>` all that follow. What a client publishes itself is
   * heard by its own subscriptions too. Of those with the same pattern and `queue`, one gets each message.
   * The handler must not throw. The answer ends the subscription.
   */
  subscribe(
    pattern: string,
    handle: (bytes: Uint8Array, subject: string) => void,
    options?: { readonly queue?: string },
  ): () => void;
  /** Told whenever `connected` changes. The answer ends it. */
  onChange(tell: (connected: boolean) => void): () => void;
  /** Lets go of the broker; nothing is heard or sent any more. */
  close(): void;
}
