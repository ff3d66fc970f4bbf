/** What a thread says, on its way to the node: together, bounded, and what is critical until the node has taken it. */
import { type ThreadSaid, toFailure } from '../../contracts/index.ts';
import type { Link } from '../../runtime/host/link.ts';
import type { Clock, Log } from '../../runtime/index.ts';
import { THREAD } from './thread-topics.ts';
import type { TopicClasses } from './topic-classes.ts';

type Said = ThreadSaid['said'][number];

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

  close(): void {
    this.#closed = true;
    this.#waiting = [];
  }

  #sendAfter(delayMs: number): void {
    if (this.#busy || this.#closed || this.#waiting.length === 0) return;
    this.#busy = true;
    const send = () => void this.#send();
    if (delayMs > 0) this.#clock.after(delayMs, send);
    else this.#clock.soon(send);
  }

  async #send(): Promise<void> {
    const said = this.#waiting.splice(0, TOGETHER);
    this.#underWay = said.length;
    const notTaken = await this.#ask(said);
    this.#underWay = 0;
    this.#busy = false;
    const again = notTaken.filter(({ topic }) => this.#classes.of(topic) === 'critical');
    this.#waiting.unshift(...again);
    this.#sendAfter(again.length > 0 ? AGAIN_MS : 0);
  }

  /** @returns what the node did not take. Ids make it safe to say something twice. */
  async #ask(said: readonly Said[]): Promise<readonly Said[]> {
    try {
      const places = await this.#link.request(THREAD.said, { said }, { withinMs: WITHIN_MS });
      return Array.isArray(places) ? said.filter((_, place) => places.includes(place)) : [];
    } catch (thrown) {
      const { code, message } = toFailure(thrown);
      if (code === 'HOST_TIMED_OUT') return said;
      this.#log.write('error', 'the node did not take what was said', { code, message, count: said.length });
      if (code === 'HOST_GONE') this.close();
      return [];
    }
  }
}
