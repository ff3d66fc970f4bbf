/** Questions between nodes: asked and answered through the broker's services, under the same names as in one process. */
import { BusBodySchema, decode, EsperError, encode, fromFailure, toFailure } from '../../contracts/index.ts';
import { checkerOf } from '../../runtime/checker.ts';
import type { Asked, BusBody, Clock, Log, Services } from '../../runtime/index.ts';
import { nobody, silent, tooLarge, unanswerable } from './errors.ts';
import { checkSize } from './measure.ts';
import type { Answerer } from './questions.ts';
import { NORMAL } from './said.ts';
import type { Subjects } from './subjects.ts';
import { checkTopic } from './topics.ts';
import { type Author, open } from './wire.ts';

export interface QuestionWorld {
  readonly services: Services;
  readonly clock: Clock;
  readonly log: Log;
  readonly subjects: Subjects;
  readonly author: Author;
}

const checker = checkerOf(BusBodySchema);
const AGAIN_MS = 1_000;

export class NetworkQuestions {
  readonly #world: QuestionWorld;
  readonly #maxBytes: number;
  readonly #stops = new Set<() => void>();

  constructor(world: QuestionWorld, maxBytes: number) {
    this.#world = world;
    this.#maxBytes = maxBytes;
  }

  /** @throws OONA_NOBODY, OONA_SILENT, OONA_TOO_LARGE, and the coded error of the responder */
  async ask(topic: string, body: BusBody, withinMs: number): Promise<BusBody> {
    checkTopic(topic);
    checkSize(topic, body, this.#maxBytes);
    const { services, subjects, author, clock } = this.#world;
    const head = { topic, priority: NORMAL, sentMs: clock.wallMs() };
    const bytes = author.pack(head, [{ seq: author.next(), body }]);
    let answer: Uint8Array;
    try {
      answer = await services.ask(subjects.question(topic), bytes, { withinMs });
    } catch (thrown) {
      const { code } = toFailure(thrown);
      if (code === 'SERVICE_NOBODY') throw nobody(topic);
      if (code === 'SERVICE_SILENT') throw silent(topic, withinMs);
      throw thrown;
    }
    const said: unknown = decode(answer);
    if (!checker.check(said)) throw unanswerable(topic, 'the answer is no message');
    return said;
  }

  respond(pattern: string, answer: Answerer, queue?: string): () => void {
    const { services, subjects, clock, log } = this.#world;
    let stopped = false;
    let end = () => {};
    const endpoint = {
      name: 'answer',
      subject: subjects.question(pattern),
      ...(queue === undefined ? {} : { queue }),
      handle: (asked: Asked) => this.#answer(asked, answer),
    };
    const spec = {
      name: 'oona-answers',
      version: '1.0.0',
      description: 'Answers questions asked over the bus.',
      metadata: { pattern },
      endpoints: [endpoint],
    };
    const serve = async (): Promise<void> => {
      try {
        const served = await services.serve(spec);
        end = () => void served.stop();
        if (stopped) end();
      } catch (thrown) {
        const { code, message } = toFailure(thrown);
        log.write('warn', 'answers wait for the broker', { code, pattern, message });
        if (!stopped) end = clock.after(AGAIN_MS, () => void serve());
      }
    };
    void serve();
    const stop = () => {
      if (stopped) return;
      stopped = true;
      this.#stops.delete(stop);
      end();
    };
    this.#stops.add(stop);
    return stop;
  }

  close(): void {
    for (const stop of [...this.#stops]) stop();
  }

  /** What is thrown here reaches whoever asked, with its code. */
  async #answer({ bytes, subject }: Asked, answer: Answerer): Promise<Uint8Array> {
    const parcel = open(bytes);
    if (typeof parcel === 'string' || subject !== this.#world.subjects.question(parcel.topic))
      throw unanswerable('', 'the question is no message, or stands where it does not belong');
    const { topic, said } = parcel;
    const [question] = said;
    if (question === undefined || said.length > 1) throw unanswerable(topic, 'that is not one question');
    try {
      const answered = encode(await answer(question.message));
      if (answered.length > this.#maxBytes) throw tooLarge(topic, answered.length, this.#maxBytes);
      return answered;
    } catch (thrown) {
      throw thrown instanceof EsperError ? thrown : fromFailure(toFailure(thrown));
    }
  }
}
