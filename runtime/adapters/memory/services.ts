/** Services in memory, asked over roads that delay and lose: whoever serves a subject shares it with its queue. */
import { EsperError, fromFailure, toFailure } from '../../../contracts/failure.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  serviceFailed,
  serviceNobody,
  serviceSilent,
  servicesUnreachable,
  serviceTooLarge,
} from '../../ports/service-errors.ts';
import type { Asked, EndpointSpec, ServiceSpec, Services } from '../../ports/services.ts';
import type { Road } from './road.ts';
import { subjectMatches } from './subject.ts';

/** Which way a client reaches the services, and whether it reaches one that is served by another. */
export interface ServiceRoad {
  readonly name: string;
  readonly road: Road;
  readonly noticeMs: number;
  reaches(other: string): boolean;
}

export interface ServiceBoard {
  view(road: ServiceRoad): Services;
}

interface Served {
  readonly endpoint: Pick<EndpointSpec, 'handle' | 'subject'>;
  readonly queue: string;
  readonly by: ServiceRoad;
}

type Answer = { readonly bytes: Uint8Array } | { readonly error: EsperError };

/** @param maxBytes of one question */
export function memoryServices(clock: Clock, maxBytes: number): ServiceBoard {
  const served = new Set<Served>();
  let instances = 0;
  return {
    view: (road) =>
      new View({ clock, maxBytes, served, road, instance: () => `${road.name}-${++instances}` }),
  };
}

interface ViewParts {
  readonly clock: Clock;
  readonly maxBytes: number;
  readonly served: Set<Served>;
  readonly road: ServiceRoad;
  readonly instance: () => string;
}

class View implements Services {
  readonly #parts: ViewParts;
  #turn = 0;

  constructor(parts: ViewParts) {
    this.#parts = parts;
  }

  async serve(spec: ServiceSpec): Promise<{ stop(): Promise<void> }> {
    const { served, road, instance } = this.#parts;
    const id = instance();
    const own: Served[] = [
      ...spec.endpoints.map((endpoint) => ({ endpoint, queue: endpoint.queue ?? 'q', by: road })),
      ...discovery(spec, id).map((endpoint) => ({ endpoint, queue: id, by: road })),
    ];
    for (const one of own) served.add(one);
    return {
      stop: async () => {
        for (const one of own) served.delete(one);
      },
    };
  }

  ask(
    subject: string,
    bytes: Uint8Array,
    {
      withinMs,
      headers = {},
    }: { readonly withinMs: number; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Uint8Array> {
    const { clock, road, maxBytes } = this.#parts;
    if (bytes.length > maxBytes) return Promise.reject(serviceTooLarge(subject));
    return new Promise((resolve, reject) => {
      const isDown = !road.road.open;
      const cancel = clock.after(isDown ? Math.min(road.noticeMs, withinMs) : withinMs, () =>
        reject(isDown ? servicesUnreachable(subject, 'no connection') : serviceSilent(subject, withinMs)),
      );
      this.#send({ subject, bytes: bytes.slice(), headers: { ...headers } }, (answer) => {
        cancel();
        if (answer === null) reject(serviceNobody(subject));
        else if ('error' in answer) reject(answer.error);
        else resolve(answer.bytes);
      });
    });
  }

  askAll(
    subject: string,
    bytes: Uint8Array,
    { withinMs, most }: { readonly withinMs: number; readonly most: number },
  ): Promise<readonly Uint8Array[]> {
    const { clock, road } = this.#parts;
    if (!road.road.open) return Promise.reject(servicesUnreachable(subject, 'no connection'));
    return new Promise((resolve) => {
      const answers: Uint8Array[] = [];
      let over = false;
      const end = () => {
        over = true;
        cancel();
        resolve(answers);
      };
      const cancel = clock.after(withinMs, end);
      this.#send({ subject, bytes: bytes.slice(), headers: {} }, (answer) => {
        if (over) return;
        if (answer !== null && 'bytes' in answer) answers.push(answer.bytes);
        if (answer === null || answers.length === most) end();
      });
    });
  }

  /** One copy to each queue; what comes back is told, null when nobody serves it. */
  #send(asked: Asked, told: (answer: Answer | null) => void): void {
    const { road } = this.#parts;
    road.road.carry('there', () => {
      const chosen = this.#oneOfEachQueue(asked.subject);
      if (chosen.length === 0) road.road.carry('back', () => told(null));
      for (const { endpoint, by } of chosen) {
        if (!by.reaches(road.name)) continue;
        by.road.carry('back', () => {
          void answered(endpoint, asked).then((answer) =>
            by.road.carry('there', () => {
              if (road.reaches(by.name)) road.road.carry('back', () => told(answer));
            }),
          );
        });
      }
    });
  }

  #oneOfEachQueue(subject: string): readonly Served[] {
    const queues = new Map<string, Served[]>();
    for (const one of this.#parts.served) {
      if (one.by.road.closed) this.#parts.served.delete(one);
      if (one.by.road.closed || !subjectMatches(one.endpoint.subject, subject)) continue;
      const members = queues.get(one.queue) ?? [];
      queues.set(one.queue, members);
      members.push(one);
    }
    this.#turn++;
    return [...queues.values()].flatMap((members) => members[this.#turn % members.length] ?? []);
  }
}

/** Bytes and errors arrive as copies, as over a wire. */
async function answered({ handle }: Pick<EndpointSpec, 'handle'>, asked: Asked): Promise<Answer> {
  try {
    const bytes = await handle({ ...asked, bytes: asked.bytes.slice() });
    return { bytes: bytes.slice() };
  } catch (thrown) {
    if (!(thrown instanceof EsperError)) return { error: serviceFailed() };
    const { stack: _kept, ...failure } = toFailure(thrown);
    return { error: fromFailure(structuredClone(failure)) };
  }
}

/** What stock tools ask for: who is there, and what it offers. */
function discovery({ name, version, description, metadata = {}, endpoints }: ServiceSpec, id: string) {
  const identity = { name, id, version, metadata };
  const offered = endpoints.map((endpoint) => ({
    name: endpoint.name,
    subject: endpoint.subject,
    queue_group: endpoint.queue ?? 'q',
    metadata: endpoint.metadata ?? {},
  }));
  const answers = {
    PING: { type: 'io.nats.micro.v1.ping_response', ...identity },
    INFO: { type: 'io.nats.micro.v1.info_response', ...identity, description, endpoints: offered },
  };
  return Object.entries(answers).flatMap(([verb, answer]) => {
    const bytes = new TextEncoder().encode(JSON.stringify(answer));
    const handle = async () => bytes;
    return [`$SRV.${verb}`, `$SRV.${verb}.${name}`, `$SRV.${verb}.${name}.${id}`].map((subject) => ({
      subject,
      handle,
    }));
  });
}
