/** A transport whose every message carries a seal: what a stranger publishes is counted and goes no further. */
import type { Metrics } from '../ports/metrics.ts';
import type { Seal } from '../ports/seal.ts';
import type { Transport } from '../ports/transport.ts';

export class SealedTransport implements Transport {
  readonly #inner: Transport;
  readonly #seal: Seal;
  readonly #metrics: Metrics;

  constructor(inner: Transport, seal: Seal, metrics: Metrics) {
    this.#inner = inner;
    this.#seal = seal;
    this.#metrics = metrics;
  }

  get connected(): boolean {
    return this.#inner.connected;
  }
  get maxBytes(): number {
    return this.#inner.maxBytes - this.#seal.overhead;
  }

  publish(subject: string, bytes: Uint8Array): boolean {
    return this.#inner.publish(subject, this.#seal.seal(subject, bytes));
  }

  subscribe(
    pattern: string,
    handle: (bytes: Uint8Array, subject: string) => void,
    options: { readonly queue?: string } = {},
  ): () => void {
    const open = (sealed: Uint8Array, subject: string) => {
      const bytes = this.#seal.open(subject, sealed);
      if (bytes !== undefined) handle(bytes, subject);
      else this.#metrics.count('esper_remote_refused_total', 1, { code: 'REMOTE_NOT_SEALED' });
    };
    return this.#inner.subscribe(pattern, open, options);
  }

  onChange(tell: (connected: boolean) => void): () => void {
    return this.#inner.onChange(tell);
  }

  close(): void {
    this.#inner.close();
  }
}
