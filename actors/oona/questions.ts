/** Who answers what within one process: questions go to one member of each queue, and the first answer counts. */
import type { BusBody, BusMessage, Clock } from '../../runtime/index.ts';
import { nobody, silent } from './errors.ts';
import { topicMatcher } from './topics.ts';

export type Answerer = (question: BusMessage) => BusBody | Promise<BusBody>;

interface Responder {
  readonly hears: (topic: string) => boolean;
  readonly crew: string;
  readonly answer: Answerer;
}

export class Questions {
  readonly #clock: Clock;
  readonly #responders = new Set<Responder>();
  /** Ends of questions that wait for an answer. */
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  respond(pattern: string, answer: Answerer, queue = 'q'): () => void {
    const responder = { hears: topicMatcher(pattern), crew: `${queue} ${pattern}`, answer };
    this.#responders.add(responder);
    return () => void this.#responders.delete(responder);
  }

  /** @throws OONA_NOBODY, OONA_SILENT, and what the responder threw */
  ask(question: BusMessage, withinMs: number): Promise<BusBody> {
    const chosen = this.#choose(question.topic);
    if (chosen.length === 0) return Promise.reject(nobody(question.topic));
    return new Promise((resolve, reject) => {
      const settled = (settle: () => void) => {
        cancel();
        this.#waiting.delete(leave);
        settle();
      };
      const cancel = this.#clock.after(withinMs, () =>
        settled(() => reject(silent(question.topic, withinMs))),
      );
      const leave = () => settled(() => reject(nobody(question.topic)));
      this.#waiting.add(leave);
      this.#clock.soon(() => {
        if (!this.#waiting.has(leave)) return;
        for (const { answer } of chosen) {
          // Async, so that one that throws at once is like one that throws later.
          void (async () => answer(question))().then(
            (body) => settled(() => resolve(body)),
            (error) => settled(() => reject(error)),
          );
        }
      });
    });
  }

  close(): void {
    this.#responders.clear();
    for (const leave of [...this.#waiting]) leave();
  }

  /** One of each crew: whoever has not been asked for the longest time. */
  #choose(topic: string): readonly Responder[] {
    const crews = new Map<string, Responder>();
    for (const responder of this.#responders)
      if (responder.hears(topic) && !crews.has(responder.crew)) crews.set(responder.crew, responder);
    for (const responder of crews.values()) {
      this.#responders.delete(responder);
      this.#responders.add(responder);
    }
    return [...crews.values()];
  }
}
