/** One node process as the suite sees it: told what to do by lines on its input, heard by lines on its output. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Ground } from './ground.ts';
import type { LastWords } from './last-words.ts';
import { type End, type Watched, watched } from './watched.ts';
import { type Command, type News, REPLACED_CODE } from './words.ts';

export interface PilotOptions {
  readonly ground: Ground;
  readonly name: string;
  readonly url: string;
  readonly folder: string;
  readonly heard: (news: News, node: string, life: number) => void;
  /** Hears what a process said last that ended without anybody's doing. */
  readonly fell: (told: string) => void;
}

/** Milliseconds until a node has joined, on a machine that has much else to do. */
const JOINED_MS = 60_000;

export class Pilot {
  readonly name: string;
  /** Set where another process is given its name: then it has to end, by itself. */
  mayBeReplaced = false;
  readonly #options: PilotOptions;
  #process: Watched | null = null;
  #life = 0;

  constructor(options: PilotOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get runs(): boolean {
    return this.#process?.runs ?? false;
  }

  /** Everything that its present life, or its last, said on its error output. */
  get words(): LastWords | null {
    return this.#process?.words ?? null;
  }

  /**
   * Begins the next life; resolves when the node has joined and its actors run.
   * @throws with all that it said last when it ends before, or is not there after a minute
   */
  async start(): Promise<void> {
    const { ground, name, url, folder, heard, fell } = this.#options;
    const life = ++this.#life;
    const main = fileURLToPath(new URL('./node-main.js', import.meta.url));
    const argv = ground.at(name, [process.execPath, main, name, url, folder, String(life)]);
    const who = `${name}, life ${life},`;
    let joined = () => {};
    const ready = new Promise<void>((resolve) => {
      joined = resolve;
    });
    const child = watched(who, argv, (line) => {
      const news = JSON.parse(line) as News;
      if (news.is === 'ready') joined();
      heard(news, name, life);
    });
    this.#process = child;
    const fallen = child.ended.then((end) => {
      if (end.fall !== null && !this.#wasReplaced(end)) fell(end.fall);
      throw new Error(end.fall ?? `${who} was killed before it had joined`);
    });
    const late = sleep(JOINED_MS, undefined, { ref: false }).then(() => {
      throw new Error(`${who} has not joined after ${JOINED_MS} ms: ${child.words.text}`);
    });
    await Promise.race([ready, fallen, late]);
  }

  #wasReplaced({ code }: End): boolean {
    return this.mayBeReplaced && code === REPLACED_CODE;
  }

  tell(command: Command): void {
    if (this.runs) this.#process?.child.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  freeze(): void {
    this.#process?.signal('SIGSTOP');
  }
  thaw(): void {
    this.#process?.signal('SIGCONT');
  }

  /** As a power cut would: nothing is said or saved. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }
}
