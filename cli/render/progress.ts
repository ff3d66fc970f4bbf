/** A run while it runs: a bar that redraws itself with events above it, or plain lines where nothing can be redrawn. */
import type { RunEvent, SeedStage, TrainingProgress } from '../../contracts/index.ts';
import type { Terminal } from '../world.ts';
import { duration, loss, percent, whole } from './numbers.ts';
import { type Style, width } from './style.ts';

/** Plain lines come this often, or at this share of the run, whichever is first. */
const EVERY_MS = 10_000;
const EVERY_SHARE = 0.05;
const CLEAR_LINE = '\r\u001b[2K';

export interface ProgressOptions {
  readonly terminal: Terminal;
  readonly style: Style;
  /** True redraws one line in place. */
  readonly animated: boolean;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

export class ProgressView {
  private bar = '';
  private shownAtMs = Number.NEGATIVE_INFINITY;
  private shownShare = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: ProgressOptions) {}

  /** Draws the bar anew, or writes a line when one is due. */
  progressed(progress: TrainingProgress): void {
    const { terminal, style, animated, nowMs } = this.options;
    if (animated) {
      this.bar = barLine(progress, terminal.columns, style);
      terminal.write(CLEAR_LINE + this.bar);
      return;
    }
    const share = progress.epoch / Math.max(1, progress.totalEpochs);
    if (nowMs() - this.shownAtMs < EVERY_MS && share - this.shownShare < EVERY_SHARE) return;
    [this.shownAtMs, this.shownShare] = [nowMs(), share];
    terminal.write(`${plainLine(progress)}\n`);
  }

  /** Writes an event above the bar. */
  happened(event: RunEvent): void {
    this.line(eventLine(event, this.options.style));
  }

  /** Writes a line above the bar. */
  line(line: string): void {
    const { terminal } = this.options;
    terminal.write(this.bar ? `${CLEAR_LINE}${line}\n${this.bar}` : `${line}\n`);
  }

  /** Leaves the last bar on screen and goes to the next line. */
  finish(): void {
    if (this.bar) this.options.terminal.write('\n');
    this.bar = '';
  }
}

const LETTERS: Readonly<Record<SeedStage, string>> = {
  UNKNOWN: '?',
  DORMANT: 'D',
  GERMINATED: 'G',
  TRAINING: 'T',
  BLENDING: 'B',
  SHADOWING: 'S',
  PROBATIONARY: 'P',
  FOSSILIZED: 'F',
  CULLED: 'C',
  EMBARGOED: 'E',
  RESETTING: 'R',
  TERMINATED: 'X',
};

/** `D2 T1 B1 F3`: seeds by stage, in the order of a life. */
export const stagesLine = (stages: TrainingProgress['stages']): string =>
  Object.entries(LETTERS)
    .flatMap(([stage, letter]) => (stages[stage] ? [`${letter}${stages[stage]}`] : []))
    .join(' ');

function figures(progress: TrainingProgress): string[] {
  const { validationAccuracy: accuracy, etaSeconds: eta, status } = progress;
  return [
    ...(status === 'training' || status === 'finishing' ? [] : [status.toUpperCase()]),
    `loss ${loss(progress.validationLoss ?? progress.trainingLoss)}`,
    ...(accuracy === null ? [] : [`accuracy ${percent(accuracy)}`]),
    `${whole(progress.parameters)} parameters`,
    stagesLine(progress.stages),
    `${whole(progress.samplesPerSecond)} rows/s`,
    ...(eta === null ? [] : [`${duration(eta * 1000)} left`]),
  ].filter((text) => text !== '');
}

const epochs = ({ epoch, totalEpochs }: TrainingProgress): string => `epoch ${epoch}/${totalEpochs}`;

function plainLine(progress: TrainingProgress): string {
  return [epochs(progress), ...figures(progress)].join('  ');
}

/** Fits the width: figures fall away from the right before anything wraps, for a wrapped line cannot be redrawn. */
function barLine(progress: TrainingProgress, columns: number, style: Style): string {
  const share = Math.min(1, progress.epoch / Math.max(1, progress.totalEpochs));
  const cells = columns >= 100 ? 20 : 10;
  const full = Math.round(share * cells);
  const bar = style.green('█'.repeat(full)) + style.dim('░'.repeat(cells - full));
  const parts = [epochs(progress), bar, ...figures(progress)];
  while (parts.length > 2 && width(parts.join('  ')) > columns - 1) parts.pop();
  return parts.join('  ');
}

const SIGNS: Readonly<Record<RunEvent['level'], string>> = {
  info: '·',
  notice: '+',
  warning: '!',
  error: 'x',
};

function eventLine(event: RunEvent, style: Style): string {
  const paint = { info: style.dim, notice: style.cyan, warning: style.yellow, error: style.red }[event.level];
  return `${paint(`${SIGNS[event.level]} ${event.what}`)} ${style.dim(`epoch ${event.epoch}`)}  ${event.text}`;
}
