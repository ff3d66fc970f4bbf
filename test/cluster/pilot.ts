/** One node process as the suite sees it: told what to do by lines on its input, heard by lines on its output. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Ground } from './ground.ts';
import type { Command, News } from './words.ts';

export interface PilotOptions {
  readonly ground: Ground;
  readonly name: string;
  readonly url: string;
  readonly folder: string;
  readonly heard: (news: News, node: string, life: number) => void;
}

export class Pilot {
  readonly name: string;
  readonly #options: PilotOptions;
  #child: ChildProcess | null = null;
  #life = 0;
  #last = '';

  constructor(options: PilotOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get runs(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }
  /** Begins the next life; resolves when the node has joined and its actors run. */
  async start(): Promise<void> {
    const { ground, name, url, folder, heard } = this.#options;
    const life = ++this.#life;
    const main = fileURLToPath(new URL('./node-main.js', import.meta.url));
    const [command = '', ...argv] = ground.at(name, [
      process.execPath,
      main,
      name,
      url,
      folder,
      String(life),
    ]);
    const child = spawn(command, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    child.stdin?.on('error', () => undefined); // a node that was killed reads no more
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#last = (this.#last + chunk.toString()).slice(-4_096);
    });
    const joined = new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        const news = JSON.parse(line) as News;
        if (news.is === 'ready') resolve();
        heard(news, name, life);
      });
      child.once('exit', (code, signal) =>
        reject(new Error(`${name} ended (${code ?? signal}): ${this.#last}`)),
      );
    });
    await joined;
  }

  tell(command: Command): void {
    if (this.runs) this.#child?.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }
  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** As a power cut would: nothing is said or saved. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || !this.runs) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
