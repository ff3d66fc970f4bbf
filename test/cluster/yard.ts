/** Three nodes, a broker and a load, and everything they ever said: what each fault is played in. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RandomStream, randomStream } from '../../contracts/random-stream.ts';
import type { Note } from '../../runtime/simulation/index.ts';
import { checkAll } from '../sim/checkers/index.ts';
import type { SimEvent } from '../sim/events.ts';
import { type Broker, openBroker } from './broker.ts';
import type { Ground } from './ground.ts';
import { Pilot } from './pilot.ts';
import { nowMs } from './real-life.ts';
import { Standstill } from './standstill.ts';
import { story } from './story.ts';
import type { News } from './words.ts';

export const NODES = ['n1', 'n2', 'n3'] as const;

export interface Heard {
  readonly node: string;
  readonly life: number;
  readonly news: News;
}

export interface YardOptions {
  readonly ground: Ground;
  /** Path of a nats-server. */
  readonly bin: string;
  readonly seed: string;
  /** Where nodes reach the broker, when not directly. */
  readonly via?: (broker: Broker) => Promise<string>;
}

/** Sentences of one verdict that are told. */
const MOST_TOLD = 8;
/** The longest that a question may take. */
const LONGEST_MS = 3_000;

/** What waits for an answer: asked again until it is yes. */
interface Order {
  readonly id: string;
  readonly shop: string;
  readonly amount: number;
}

export class Yard {
  readonly ground: Ground;
  readonly broker: Broker;
  readonly random: RandomStream;
  readonly pilots = new Map<string, Pilot>();
  readonly heard: Heard[] = [];
  /** What processes said last that ended without anybody's doing. */
  readonly falls: readonly string[];
  readonly standstill = new Standstill();
  readonly #folder: string;
  readonly #fell: (told: string) => void;
  readonly #twins: Pilot[] = [];
  readonly #open = new Map<string, Order>();
  readonly #amounts = new Map<string, number>();
  #orders = 0;
  #loading = false;
  #load: Promise<void> | null = null;
  #listeners = new Set<() => void>();

  static async open(options: YardOptions): Promise<Yard> {
    const { ground, bin, seed, via } = options;
    const falls: string[] = [];
    const broker = await openBroker(ground, bin, (told) => falls.push(told));
    const folder = await mkdtemp(join(tmpdir(), 'esper-yard-'));
    const yard = new Yard(ground, broker, folder, randomStream(seed), falls);
    const url = via === undefined ? broker.url : await via(broker);
    for (const name of NODES) yard.#addPilot(name, url);
    try {
      await Promise.all([...yard.pilots.values()].map((pilot) => pilot.start()));
    } catch (error) {
      await yard.close();
      throw falls.length === 0 ? error : new Error(falls.join('\n'), { cause: error });
    }
    return yard;
  }

  private constructor(ground: Ground, broker: Broker, folder: string, random: RandomStream, falls: string[]) {
    this.ground = ground;
    this.broker = broker;
    this.random = random;
    this.#folder = folder;
    this.falls = falls;
    this.#fell = (told) => {
      falls.push(told);
      this.#wake();
    };
  }

  /** A second process with a node's name, on a disk of its own. Nobody hears it; it ends with the yard at the latest. The first may end. */
  twin(name: string): Pilot {
    this.pilot(name).mayBeReplaced = true;
    const folder = join(this.#folder, `${name}-twin`);
    const twin = new Pilot({
      ground: this.ground,
      name,
      url: this.broker.url,
      folder,
      heard: () => undefined,
      fell: this.#fell,
    });
    this.#twins.push(twin);
    return twin;
  }

  #addPilot(name: string, url: string): void {
    const heard = (news: News, node: string, life: number) => {
      this.heard.push({ news, node, life });
      if (news.is === 'note' && news.event.kind === 'acknowledged') this.#open.delete(news.event.id);
      this.#wake();
    };
    const folder = join(this.#folder, name);
    this.pilots.set(name, new Pilot({ ground: this.ground, name, url, folder, heard, fell: this.#fell }));
  }

  #wake(): void {
    for (const tell of [...this.#listeners]) tell();
  }

  pilot(name: string): Pilot {
    const pilot = this.pilots.get(name);
    if (pilot === undefined) throw new Error(`there is no node ${name}`);
    return pilot;
  }

  /**
   * Waits for something that nodes say.
   * @returns milliseconds from now until it was said, by the clock of whoever said it
   * @throws when nobody says it in time, or a process fell that might have
   */
  async until(
    what: string,
    withinMs: number,
    is: (heard: Heard) => boolean,
    fromMs = nowMs(),
  ): Promise<number> {
    const deadline = nowMs() + withinMs;
    // Each word is looked at once: a long run says hundreds of thousands.
    for (let next = 0; ; ) {
      for (; next < this.heard.length; next++) {
        const one = this.heard[next] as Heard;
        if ('atMs' in one.news && one.news.atMs >= fromMs && is(one)) return one.news.atMs - fromMs;
      }
      if (this.falls.length > 0) throw new Error(`${what}: not any more, a process fell`);
      if (nowMs() > deadline) throw new Error(`${what}: not within ${withinMs} ms\n${story(this, fromMs)}`);
      await this.#somethingSaid(Math.max(1, deadline - nowMs()));
    }
  }

  #somethingSaid(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#listeners.delete(done);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(done, withinMs + 1);
      this.#listeners.add(done);
    });
  }

  /** Orders and letters from everywhere to everywhere, until `rest`. About 100 a second. */
  load(): void {
    this.#loading = true;
    this.#load = (async () => {
      while (this.#loading) {
        this.#order();
        const [from, to] = [this.#oneOf(NODES), this.#oneOf(NODES)];
        if (from !== to) this.pilot(from).tell({ do: 'letter', to });
        await sleep(this.random.below(20));
      }
    })();
  }

  async rest(): Promise<void> {
    this.#loading = false;
    await this.#load;
  }

  #order(): void {
    const waiting = [...this.#open.values()];
    const again = waiting.length > 8 && this.random.below(2) === 0;
    const order = again ? this.#oneOf(waiting) : this.#newOrder();
    const living = NODES.filter((name) => this.pilot(name).runs);
    if (living.length === 0) return;
    const withinMs = 200 + this.random.below(LONGEST_MS - 200);
    this.pilot(this.#oneOf(living)).tell({ do: 'order', ...order, withinMs });
  }

  #newOrder(): Order {
    const order = { id: `o${++this.#orders}`, shop: this.#oneOf(NODES), amount: 1 + this.random.below(100) };
    this.#open.set(order.id, order);
    this.#amounts.set(order.id, order.amount);
    return order;
  }

  #oneOf<T>(items: readonly T[]): T {
    return items[this.random.below(items.length)] as T;
  }

  /**
   * All nodes are asked what they hold, once every question has had its time.
   * @param slackMs how late an answer may be: longer where a node stood still. What the machine stood still is added
   * @returns what did not hold, each in a sentence
   */
  async verdict(slackMs = 3_000): Promise<readonly string[]> {
    await this.rest();
    await sleep(LONGEST_MS + 500);
    for (const pilot of this.pilots.values()) if (!pilot.runs) await pilot.start();
    const fromMs = nowMs();
    for (const pilot of this.pilots.values()) pilot.tell({ do: 'look' });
    for (const name of NODES) {
      const looked = ({ node, news }: Heard) =>
        node === name && news.is === 'note' && news.event.kind === 'found';
      await this.until(`${name} says what it holds`, 10_000, looked, fromMs);
    }
    const wrong = checkAll(this.notes(), { slackMs: slackMs + this.standstill.allMs }).map(
      ({ invariant, message }) => `${invariant}: ${message}`,
    );
    return wrong.length <= MOST_TOLD
      ? wrong
      : [...wrong.slice(0, MOST_TOLD), `and ${wrong.length - MOST_TOLD} more`];
  }

  /** Everything that counts for the checkers, in the order of the one clock that all processes share. */
  notes(): readonly Note<SimEvent>[] {
    return this.heard
      .flatMap(({ node, life, news }) =>
        news.is === 'note' ? [{ node, life, atMs: news.atMs, event: news.event }] : [],
      )
      .sort((one, other) => one.atMs - other.atMs);
  }

  /** Median steps in 100 ms of all training loops between two moments; 0 when nothing was counted. */
  stepRate(fromMs: number, toMs: number): number {
    const counts = this.heard
      .flatMap(({ news }) =>
        news.is === 'steps' && news.atMs >= fromMs && news.atMs < toMs ? [news.count] : [],
      )
      .sort((a, b) => a - b);
    return counts[Math.floor(counts.length / 2)] ?? 0;
  }

  get acknowledged(): number {
    return this.notes().filter(({ event }) => event.kind === 'acknowledged').length;
  }

  async close(): Promise<void> {
    await this.rest();
    this.standstill.end();
    for (const pilot of [...this.pilots.values(), ...this.#twins]) {
      pilot.thaw();
      await pilot.kill();
    }
    await this.broker.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
