/** A stream of kernel work from outside of all nodes: catalogues asked for one after the other, each answer counted. */
import { CatalogueReady, CatalogueRequested, TOPICS } from '../../contracts/index.ts';
import { CUSTOMER, type Customer } from './customer.ts';

export interface JobCounts {
  readonly asked: number;
  /** Ids whose answer had its effect, and how many of them more than once. */
  readonly applied: number;
  readonly appliedTwice: number;
  /** Further answers to an id that had one; they have no effect. */
  readonly suppressed: number;
  /** Answers that were published at all, before whoever stores or hears them lets a second one go. */
  readonly said: number;
  readonly saidTwice: number;
  readonly lost: number;
  /** Milliseconds from question to answer. */
  readonly medianMs: number;
  readonly slowestMs: number;
}

export interface JobStream {
  /** Asks no more; resolves when all were answered, or after `withinMs`. */
  finish(withinMs: number): Promise<JobCounts>;
  close(): void;
}

const ACTIVATIONS = ['relu', 'tanh'] as const;
const SPANS = [['layer'], ['layer', 'residual']] as const;

/** @param everyMs milliseconds from one question to the next */
export function startJobs({ bus, clock, origins, life }: Customer, everyMs: number): JobStream {
  const askedMs = new Map<string, number>();
  const answeredMs = new Map<string, number>();
  /** What the answers did: the effect that must happen once. */
  const effects = new Map<string, number>();
  let suppressed = 0;
  let allAnswered: () => void = () => {};
  const leave = bus.subscribe(
    TOPICS.catalogueReady,
    ({ body }) => {
      const { requestId } = CatalogueReady.parse(body);
      const since = askedMs.get(requestId);
      if (since === undefined) return;
      if (answeredMs.has(requestId)) {
        suppressed++;
        return;
      }
      effects.set(requestId, (effects.get(requestId) ?? 0) + 1);
      answeredMs.set(requestId, clock.nowMs() - since);
      if (answeredMs.size === askedMs.size) allAnswered();
    },
    { queue: CUSTOMER },
  );
  let asking = true;
  const ask = () => {
    if (!asking) return;
    const number = askedMs.size;
    const requestId = `job-${life}-${number}`;
    askedMs.set(requestId, clock.nowMs());
    bus.publish(TOPICS.catalogueWanted, requestOf(requestId, number), { priority: 2, id: requestId });
    clock.after(everyMs, ask);
  };
  ask();
  return {
    async finish(withinMs) {
      asking = false;
      await new Promise<void>((resolve) => {
        allAnswered = resolve;
        clock.after(withinMs, resolve);
        if (answeredMs.size === askedMs.size) resolve();
      });
      const took = [...answeredMs.values()].sort((a, b) => a - b);
      return {
        asked: askedMs.size,
        applied: effects.size,
        appliedTwice: [...effects.values()].filter((times) => times > 1).length,
        suppressed,
        ...origins.answers((requestId) => askedMs.has(requestId)),
        lost: askedMs.size - answeredMs.size,
        medianMs: took[Math.floor(took.length / 2)] ?? 0,
        slowestMs: took.at(-1) ?? 0,
      };
    },
    close() {
      asking = false;
      leave();
    },
  };
}

const requestOf = (requestId: string, number: number) =>
  CatalogueRequested.of({
    requestId,
    activation: ACTIVATIONS[number % 2] ?? 'relu',
    rows: 'vector',
    families: [],
    spans: [...(SPANS[Math.floor(number / 2) % 2] ?? SPANS[0])],
    poisoned: 0,
    withinMs: 60_000,
  });
