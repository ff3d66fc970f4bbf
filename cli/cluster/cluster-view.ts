/** A cluster while it runs, for people: a line whenever somebody comes, goes or moves, and the run as a bar below. */
import type { NodeNews } from '../../config/cluster/news.ts';
import type { Cli } from '../cli.ts';
import { animationWanted } from '../render/animation.ts';
import { ProgressView } from '../render/progress.ts';
import { type Picture, pictureLine } from './picture.ts';

/** Shows news as they come; `--json` prints each as a line, `--quiet` prints nothing. */
export class ClusterView {
  readonly #cli: Cli;
  readonly #view: ProgressView;
  #shown = '';
  /** Validation accuracies of the run, oldest first. */
  readonly accuracies: number[] = [];

  constructor(cli: Cli) {
    this.#cli = cli;
    const { world } = cli;
    this.#view = new ProgressView({
      terminal: world.err,
      style: cli.errStyle,
      animated: animationWanted(world),
      nowMs: () => world.clock.nowMs(),
    });
  }

  /** @param picture the cluster with this news in it */
  show(news: NodeNews, picture: Picture): void {
    const { options, world } = this.#cli;
    if (news.what === 'progress' && news.progress.validationAccuracy !== null)
      this.accuracies.push(news.progress.validationAccuracy);
    if (options.json) {
      world.out.write(`${JSON.stringify(news)}\n`);
      return;
    }
    if (options.quiet) return;
    if (news.what === 'progress') this.#view.progressed(news.progress);
    else if (news.what === 'event') this.#view.happened(news.event);
    else this.#changed(news, picture);
  }

  finish(): void {
    this.#view.finish();
  }

  /** A line for a person, on the side. */
  note(text: string): void {
    if (!this.#cli.options.quiet && !this.#cli.options.json) this.#view.line(text);
  }

  #changed(news: NodeNews, picture: Picture): void {
    if (news.what === 'run_began') {
      this.#view.line(`run ${news.runId}  ${news.folder}${news.resumed ? '  (goes on)' : ''}`);
      return;
    }
    if (news.what === 'failed') this.#view.line(`${news.node}: ${news.code} ${news.text}`);
    if (news.what === 'peer' && news.code !== undefined)
      this.#view.line(`${news.node}: ${news.code}: ${news.peer} is turned away`);
    const line = pictureLine(picture);
    if (line === this.#shown) return;
    this.#shown = line;
    this.#view.line(this.#cli.errStyle.dim(line));
  }
}
