/** One service on one connection: announced as $SRV, its handlers guarded, taken up again when the server dropped it. */
import type { Endpoint, NamedEndpointStats, Service, ServiceMsg } from 'nats';
import type { EndpointSpec, ServiceSpec } from '../../ports/services.ts';
import type { Connection } from './connection.ts';
import { recordOf } from './headers.ts';
import { plainBytes } from './plain-bytes.ts';
import { errorAnswer } from './service-errors.ts';

/** Milliseconds until a service that the server dropped is offered again. */
const AGAIN_MS = 2_000;

/** Serves until stopped. Endpoint statistics carry `errors` and `busyMs` besides what the protocol counts. */
export async function serveOn(connection: Connection, spec: ServiceSpec): Promise<{ stop(): Promise<void> }> {
  const serving = new Serving(connection, spec);
  await serving.start();
  return { stop: () => serving.stop() };
}

interface Tally {
  errors: number;
  busyMs: number;
}

class Serving {
  readonly #connection: Connection;
  readonly #spec: ServiceSpec;
  readonly #tallies = new Map<string, Tally>();
  #service: Service | null = null;
  #stopped = false;
  #cancelAgain: (() => void) | null = null;

  constructor(connection: Connection, spec: ServiceSpec) {
    this.#connection = connection;
    this.#spec = spec;
  }

  /** Resolves when the server knows of it, or at once while there is none. */
  async start(): Promise<void> {
    await this.#offer();
    if (this.#connection.up) await this.#connection.flush().catch(() => undefined); // a break now is healed by the reconnect
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelAgain?.();
    await this.#service?.stop();
  }

  async #offer(): Promise<void> {
    const { name, version, description, metadata, endpoints } = this.#spec;
    const service = await this.#connection.nc.services.add({
      name,
      version,
      description,
      ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
      statsHandler: async (endpoint: Endpoint) => this.#tally((endpoint as NamedEndpointStats).name),
    });
    this.#service = service;
    for (const endpoint of endpoints) {
      service.addEndpoint(endpoint.name, {
        subject: endpoint.subject,
        ...(endpoint.queue === undefined ? {} : { queue: endpoint.queue }),
        ...(endpoint.metadata === undefined ? {} : { metadata: { ...endpoint.metadata } }),
        handler: (error, message) => {
          if (error === null) void this.#answer(endpoint, message);
        },
      });
    }
    void service.stopped.then((why) => this.#ended(why));
  }

  /** Only a refusal by the server ends a service that nobody stopped. */
  #ended(why: Error | null): void {
    if (this.#stopped || this.#connection.closed) return;
    const { name } = this.#spec;
    this.#connection.metrics.count('nats_services_dropped_total', 1, { service: name });
    this.#connection.log.write('error', 'the server dropped a service; it is offered again', {
      service: name,
      error: why?.message ?? '',
    });
    this.#cancelAgain = this.#connection.clock.after(AGAIN_MS, () => {
      this.#offer().catch((thrown: unknown) => this.#ended(thrown instanceof Error ? thrown : null));
    });
  }

  async #answer(endpoint: EndpointSpec, message: ServiceMsg): Promise<void> {
    const { clock } = this.#connection;
    const tally = this.#tally(endpoint.name);
    const sinceMs = clock.nowMs();
    const answer = await this.#handled(endpoint, message);
    tally.busyMs += clock.nowMs() - sinceMs;
    if (answer instanceof Uint8Array) {
      this.#connection.guard(endpoint.subject, () => void message.respond(new Uint8Array(answer)));
      return;
    }
    tally.errors++;
    const { status, sentence, body } = answer;
    this.#connection.guard(endpoint.subject, () => void message.respondError(status, sentence, body));
  }

  async #handled({ subject, handle }: EndpointSpec, message: ServiceMsg) {
    try {
      const { data, headers } = message;
      return await handle({ subject: message.subject, bytes: plainBytes(data), headers: recordOf(headers) });
    } catch (thrown) {
      const answer = errorAnswer(thrown);
      if (answer.status === 500) this.#connection.complain(subject, thrown);
      return answer;
    }
  }

  #tally(name: string): Tally {
    const known = this.#tallies.get(name);
    if (known !== undefined) return known;
    const made = { errors: 0, busyMs: 0 };
    this.#tallies.set(name, made);
    return made;
  }
}
