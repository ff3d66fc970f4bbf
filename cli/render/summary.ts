/** The last page of a run: before and after, what grew and why, where everything was saved, what to do next. */
import type { RunSummary } from '../../config/runner.ts';
import { duration, loss, percent, whole } from './numbers.ts';
import { sparkline } from './sparkline.ts';
import type { Style } from './style.ts';
import { pairs } from './table.ts';

/** More decisions than this are left to `esper decisions`. */
const DECISIONS_SHOWN = 8;

const HEADLINES = {
  finished: 'finished',
  goal_reached: 'goal reached',
  interrupted: 'stopped; a checkpoint was written',
  failed: 'failed',
} as const;

/**
 * @param accuracies readings over the run, oldest first
 * @param typed turns a command into what this person would type
 */
export function summaryText(
  summary: RunSummary,
  accuracies: readonly number[],
  paint: Style,
  verbose: boolean,
  typed: (command: string) => string,
): string {
  const { ended } = summary;
  const colour = ended.outcome === 'failed' ? paint.red : paint.green;
  const shown = verbose ? summary.decisions.length : DECISIONS_SHOWN;
  const decisions = summary.decisions.slice(0, shown);
  const more = summary.decisions.length - decisions.length;
  return [
    `\n${colour(paint.bold(HEADLINES[ended.outcome]))} after ${ended.epoch} epochs, ${duration(ended.wallMs)}\n\n`,
    pairs([...figures(summary, accuracies)], paint),
    ...section(
      'decisions',
      decisions.map(({ epoch, text }) => [`epoch ${epoch}`, text]),
      paint,
    ),
    ...(more > 0 ? [`  ${paint.dim(`and ${more} more`)}\n`] : []),
    ...section('saved', Object.entries(summary.files), paint),
    ...section(
      'next',
      nextSteps(summary).map((command) => [typed(command)]),
      paint,
    ),
  ].join('');
}

function* figures(summary: RunSummary, accuracies: readonly number[]): Generator<readonly [string, string]> {
  const { ended, initialAccuracy, initialLoss, rollbacks } = summary;
  if (ended.validationAccuracy !== null || initialAccuracy !== null) {
    yield ['accuracy', `${percent(initialAccuracy)} -> ${percent(ended.validationAccuracy)}`];
  }
  yield ['loss', `${loss(initialLoss)} -> ${loss(ended.validationLoss ?? ended.trainingLoss)}`];
  if (ended.testAccuracy !== null) yield ['test accuracy', percent(ended.testAccuracy)];
  else if (ended.testLoss !== null) yield ['test loss', loss(ended.testLoss)];
  if (accuracies.length > 1) yield ['curve', sparkline(accuracies)];
  yield ['parameters', `${whole(ended.hostParametersAtBirth)} at birth -> ${whole(ended.parameters)} grown`];
  yield ['seeds', `${ended.germinated} germinated, ${ended.fossilized} fossilized, ${ended.culled} culled`];
  if (rollbacks.length === 0) yield ['rollbacks', 'none'];
  for (const { reason, ms } of rollbacks) yield ['rollback', `${reason}, ${duration(ms)}`];
  yield ['started in', duration(summary.startMs)];
}

function nextSteps({ runId, ended }: RunSummary): string[] {
  const look = [`decisions ${runId}`, `seeds ${runId}`, `run show ${runId}`];
  if (ended.outcome === 'interrupted') return [`resume ${runId}`, ...look];
  return ended.outcome === 'failed' ? [`wal verify ${runId}`, ...look] : look;
}

/** A title and lines of one or two columns; nothing at all when there are no lines. */
function section(title: string, lines: readonly (readonly string[])[], paint: Style): string[] {
  if (lines.length === 0) return [];
  const longest = Math.max(...lines.map(([first = '']) => first.length));
  const rows = lines.map(([first = '', second]) =>
    second === undefined ? `  ${first}\n` : `  ${first.padEnd(longest)}  ${second}\n`,
  );
  return [`\n${paint.dim(title)}\n`, ...rows];
}
