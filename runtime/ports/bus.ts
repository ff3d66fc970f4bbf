/** Publish and subscribe by topic, at least once, bounded: the shape of Oona, whatever carries it. */
export interface BusMessage {
  readonly topic: string;
  /** A contract message: `type`, `v` and fields. */
  readonly body: { readonly type: string; readonly v: number };
  /** 0 emergency (never shed), 1 strategic, 2 normal, 3 experimental, 4 background. */
  readonly priority: number;
  readonly id: string;
}

export interface Bus {
  /** Queues and returns at once; false when it had to be shed. */
  publish(topic: string, body: BusMessage['body'], priority?: number): boolean;
  /** `a.b.*` takes one word, `a.>` all that follow. A handler that throws is counted and its message retried, then dead-lettered. */
  subscribe(pattern: string, handle: (message: BusMessage) => void | Promise<void>): () => void;
}
