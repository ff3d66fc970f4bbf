/** What every command gets: the world, the global options, and one way to print. */
import { type DataFolders, dataFolders } from '../config/datasets/folders.ts';
import { coloursWanted, type Style, style } from './render/style.ts';
import type { World } from './world.ts';

export interface GlobalOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
  readonly set: readonly string[];
  readonly seed?: string;
  readonly home?: string;
  readonly dataDir?: string;
}

export class Cli {
  /** What the process will end with. */
  exitCode = 0;

  constructor(
    readonly world: World,
    private readonly read: () => GlobalOptions,
  ) {}

  get options(): GlobalOptions {
    return this.read();
  }

  /** Folder that holds `runs/`. */
  get home(): string {
    return this.options.home ?? (this.world.env.ESPER_HOME || '.esper');
  }

  /** A command as this person would have to type it: in a checkout through npm, and with the home they named. */
  typed(command: string): string {
    const throughNpm = ['start', 'esper'].includes(this.world.env.npm_lifecycle_event ?? '');
    const home = this.options.home === undefined ? '' : ` --home ${this.options.home}`;
    return `${throughNpm ? 'npm run -s esper --' : 'esper'} ${command}${home}`;
  }

  /** Where data sets are looked for, and the cache they are fetched into. */
  get data(): DataFolders {
    return dataFolders(this.world.env, this.options.dataDir);
  }

  /** `--seed` is only a shorter `--set seed=`, and the last word. */
  get sets(): readonly string[] {
    const { set, seed } = this.options;
    return seed === undefined ? set : [...set, `seed=${seed}`];
  }

  /** Style of what goes to stdout. */
  get style(): Style {
    return style(coloursWanted(this.options.color, this.world.env, this.world.out.isTTY));
  }

  /** Style of what goes to stderr. */
  get errStyle(): Style {
    return style(coloursWanted(this.options.color, this.world.env, this.world.err.isTTY));
  }

  /** Data to stdout: one JSON document, or text for people. */
  print(document: object, text: () => string): void {
    this.world.out.write(this.options.json ? `${JSON.stringify(document, null, 2)}\n` : text());
  }

  /** A word on the side, to stderr; `--quiet` swallows it. */
  note(text: string): void {
    if (!this.options.quiet) this.world.err.write(`${text}\n`);
  }
}
