/** Processor time of the thread of another process that works hardest: what training really cost, whoever else is on the cores. */
import { readdirSync, readFileSync } from 'node:fs';

const NANOSECONDS = 1e6;

export class ThreadTime {
  readonly #pid: number;
  readonly #read: (path: string) => string;
  readonly #list: (path: string) => readonly string[];
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
  }

  /** Milliseconds so far of the thread that had worked most when this was first asked; null where nobody tells. */
  ms(): number | null {
    try {
      this.#thread ??= this.#busiest();
      return this.#spent(this.#thread);
    } catch (thrown) {
      if ((thrown as { code?: string }).code === undefined) throw thrown;
      return null;
    }
  }

  #busiest(): string {
    const spent = this.#list(`/proc/${this.#pid}/task`).map((id) => ({ id, ms: this.#spent(id) }));
    return spent.reduce((most, one) => (one.ms > most.ms ? one : most)).id;
  }

  #spent(thread: string): number {
    const [nanoseconds] = this.#read(`/proc/${this.#pid}/task/${thread}/schedstat`).split(' ');
    return Number(nanoseconds) / NANOSECONDS;
  }
}
