/** Processor time of the thread of another process that works hardest: what training really cost, whoever else is on the cores. */
import { readdirSync, readFileSync } from 'node:fs';

const NANOSECONDS = 1e6;

export class ThreadTime {
  readonly #pid: number;
  readonly #read: (path: string) => string;
  readonly #list: (path: string) => readonly string[];
  /** By thread, when this was made: what starting up took says nothing of who trains. */
  readonly #first: ReadonlyMap<string, number>;
  #thread: string | null = null;

  /** @param pid of the process; Linux only, elsewhere nothing is told */
  constructor(
    pid: number,
    read = (path: string) => readFileSync(path, 'utf8'),
    list: (path: string) => readonly string[] = readdirSync,
  ) {
    this.#pid = pid;
    this.#read = read;
    this.#list = list;
    this.#first = new Map(this.#spentByAll());
  }

  /** The thread that has worked most since this was made is the one that counts from now on. */
  choose(): void {
    const [busiest] = this.#spentByAll()
      .map(([thread, ms]) => ({ thread, ms: ms - (this.#first.get(thread) ?? 0) }))
      .sort((a, b) => b.ms - a.ms);
    this.#thread = busiest?.thread ?? null;
  }

  /** Milliseconds so far of the thread that was chosen; null where nobody tells. */
  ms(): number | null {
    return this.#thread === null ? null : this.#told(() => this.#spent(this.#thread ?? ''), null);
  }

  #spentByAll(): readonly (readonly [thread: string, ms: number])[] {
    const threads = () => this.#list(`/proc/${this.#pid}/task`).map((id) => [id, this.#spent(id)] as const);
    return this.#told(threads, []);
  }

  #spent(thread: string): number {
    const [nanoseconds] = this.#read(`/proc/${this.#pid}/task/${thread}/schedstat`).split(' ');
    return Number(nanoseconds) / NANOSECONDS;
  }

  /** A system that tells nothing is no failure. */
  #told<T>(read: () => T, otherwise: T): T {
    try {
      return read();
    } catch (thrown) {
      if ((thrown as { code?: string }).code === undefined) throw thrown;
      return otherwise;
    }
  }
}
