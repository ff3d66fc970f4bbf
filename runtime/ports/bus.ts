/** Publish and subscribe by topic, questions included, bounded: the shape of Oona, whatever carries it. */

/** A contract message: `type`, `v` and fields. */
export interface BusBody {
  readonly type: string;
  readonly v: number;
}

export interface BusMessage {
  readonly topic: string;
  readonly body: BusBody;
  /** 0 emergency (never shed), 1 strategic, 2 normal, 3 experimental, 4 background. */
  readonly priority: number;
  /** The same on every retry. */
  readonly id: string;
}

export interface PublishOptions {
  readonly priority?: number;
  /** Chosen by whoever may have to say it twice; else the bus makes one. */
  readonly id?: string;
  /** Milliseconds until nobody wants it any more: what arrives later is counted and let go. */
  readonly withinMs?: number;
}

export interface SubscribeOptions {
  /**
   * Those who subscribe to one pattern with the same queue share the work: each message goes to one of them. On critical
   * topics of a network a queue is kept: what is published while none of them is there waits. `[a-z0-9_-]{1,32}`.
   */
  readonly queue?: string;
  /** Messages of one priority that a broker may hand out to a queue ahead of being settled; default 16. */
  readonly credits?: number;
  /** Messages the handler may be busy with; default 1, which keeps the order. */
  readonly atOnce?: number;
}

export interface Bus {
  /**
   * Queues and returns at once; false when it was certainly not taken: shed, no connection, or a full outbox.
   * @param options a number stands for the priority
   * @throws OONA_BAD_TOPIC, OONA_TOO_LARGE
   */
  publish(topic: string, body: BusBody, options?: number | PublishOptions): boolean;
  /**
   * `a.b.*` takes one word, `a.>` all that follow. A handler that throws is counted and its message retried, then
   * dead-lettered. The answer ends it.
   * @throws OONA_BAD_TOPIC
   */
  subscribe(
    pattern: string,
    handle: (message: BusMessage) => void | Promise<void>,
    options?: SubscribeOptions,
  ): () => void;
  /**
   * Asks one of those who respond.
   * @throws OONA_NOBODY when nobody responds there, OONA_SILENT (retryable) when no answer came in time, and the coded
   * error that the responder threw
   */
  request(topic: string, body: BusBody, options: { readonly withinMs: number }): Promise<BusBody>;
  /** Answers questions. Those of one queue share them, default `q`. The answer ends it. @throws OONA_BAD_TOPIC */
  respond(
    pattern: string,
    handle: (question: BusMessage) => BusBody | Promise<BusBody>,
    options?: { readonly queue?: string },
  ): () => void;
}
