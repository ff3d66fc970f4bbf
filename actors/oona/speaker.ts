/** What a thread says, on its way to the node: together, bounded, and what is critical until the node has taken it. */
import { type ThreadSaid, ThreadTaken, toFailure } from '../../contracts/index.ts';
import { checkerOf } from '../../runtime/checker.ts';
import type { Link } from '../../runtime/host/link.ts';
import type { Clock, Log } from '../../runtime/index.ts';
import { unanswerable } from './errors.ts';
import { THREAD } from './thread-topics.ts';
import type { TopicClasses } from './topic-classes.ts';

type Said = ThreadSaid['said'][number];

const taken = checkerOf(ThreadTaken);

/** Messages not yet taken by the node, at most. */
const MOST = 4_096;
const TOGETHER = 256;
/** Milliseconds until what the node had no room for is said again, and until an answer is overdue. */
const AGAIN_MS = 100;
const WITHIN_MS = 30_000;

export class Speaker {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #classes: TopicClasses;
  #waiting: Said[] = [];
  #underWay = 0;
  #busy = false;
  #closed = false;
  #cancelSend: () => void = () => undefined;

  constructor(link: Link, ports: { readonly clock: Clock; readonly log: Log }, classes: TopicClasses) {
    this.#link = link;
    this.#clock = ports.clock;
    this.#log = ports.log;
    this.#classes = classes;
  }

  /** False when too much waits already, or the node is gone. */
  say(said: Said): boolean {
    if (this.#closed || this.#waiting.length + this.#underWay >= MOST) return false;
    this.#waiting.push(said);
    this.#sendAfter(0);
    return true;
  }

  /** What waits is handed over as last words, which nobody confirms. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelSend();
    const said = this.#waiting.splice(0);
    if (said.length > 0 && !this.#link.publish(THREAD.said, { said })) this.#isLost(said, 'the node is gone');
  }

  #sendAfter(delayMs: number): void {
    if (this.#busy || this.#closed || this.#waiting.length === 0) return;
    this.#busy = true;
    const send = () => void this.#send();
    if (delayMs > 0) this.#cancelSend = this.#clock.after(delayMs, send);
    else this.#clock.soon(send);
  }

  async #send(): Promise<void> {
    if (this.#closed) return;
    const said = this.#waiting.splice(0, TOGETHER);
    this.#underWay = said.length;
    const notTaken = await this.#ask(said);
    this.#underWay = 0;
    this.#busy = false;
    const again = notTaken.filter(({ topic }) => this.#classes.of(topic) === 'critical');
    if (this.#closed) {
      this.#isLost(again, 'this side was closed');
      return;
    }
    this.#waiting.unshift(...again);
    this.#sendAfter(again.length > 0 ? AGAIN_MS : 0);
  }

  /** @returns what the node had no room for, or may not have heard. Ids make it safe to say something twice. */
  async #ask(said: readonly Said[]): Promise<readonly Said[]> {
    try {
      const answer = await this.#link.request(THREAD.said, { said }, { withinMs: WITHIN_MS });
      if (!taken.check(answer)) throw unanswerable(THREAD.said, 'the node says not what it took');
      for (const { place, code, message } of answer.never)
        this.#log.write('error', 'the bus will never carry a message', {
          code,
          message,
          topic: said[place]?.topic,
        });
      return said.filter((_, place) => answer.full.includes(place));
    } catch (thrown) {
      const { code, message } = toFailure(thrown);
      if (code === 'HOST_TIMED_OUT') return said;
      this.#log.write('error', 'the node did not take what was said', { code, message, count: said.length });
      if (code === 'HOST_GONE') this.close();
      return [];
    }
  }

  #isLost(said: readonly Said[], why: string): void {
    const waiting = said.filter(({ topic }) => this.#classes.of(topic) === 'critical').length;
    if (waiting === 0) return;
    this.#log.write('error', 'critical messages never reached the node', {
      code: 'OONA_NOT_STORED',
      waiting,
      why,
    });
  }
}
