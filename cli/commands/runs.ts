/** `esper runs ls` and `esper run show`: what was trained here, and how one run went. */
import type { Command } from 'commander';
import { EsperError } from '../../contracts/index.ts';
import type { Cli } from '../cli.ts';
import { duration, loss, moment, percent, whole } from '../render/numbers.ts';
import { sparkline } from '../render/sparkline.ts';
import type { Style } from '../render/style.ts';
import { type Column, pairs, table } from '../render/table.ts';
import { openRun, runIds } from '../run-folders.ts';
import { byHandText } from '../views/by-hand.ts';
import { documentOf, type RunLine, type RunView } from '../views/documents.ts';
import { runLine, runView } from '../views/run-view.ts';

export function runs(program: Command, cli: Cli): void {
  program
    .command('runs')
    .description('list the runs of this home')
    .command('ls')
    .description('every run: outcome, accuracy, growth')
    .action(async () => {
      const lines = await runLines(cli);
      const none = 'no runs yet; try: esper train config/spirals.yaml\n';
      cli.print(documentOf('RunList', { runs: lines }), () =>
        lines.length === 0 ? none : table(columns, lines, cli.style),
      );
    });
}

export function run(program: Command, cli: Cli): void {
  program
    .command('run')
    .description('look at one run')
    .command('show')
    .argument('[run]', 'run id, the beginning of one, or `latest`', 'latest')
    .description('how it went: growth, faults, rollbacks, checkpoints')
    .action(async (meant: string) => {
      const { folder, start, records } = await openRun(cli, meant);
      const view = runView(records, start);
      cli.print(documentOf('Run', { folder, run: view }), () => runText(view, folder, cli.style));
    });
}

/** Newest first. A run whose journal cannot be read is named on stderr and left out. */
async function runLines(cli: Cli): Promise<RunLine[]> {
  const lines: RunLine[] = [];
  for (const runId of await runIds(cli)) {
    try {
      const { records, start } = await openRun(cli, runId);
      lines.push(runLine(records, start));
    } catch (error) {
      if (!(error instanceof EsperError)) throw error;
      cli.note(`${error.code} ${error.message}`);
    }
  }
  return lines.sort((a, b) => b.startedAtMs - a.startedAtMs);
}

const counted = (value: number | null): string => (value === null ? '-' : whole(value));
const grown = (view: RunLine): string => `${counted(view.parametersAtBirth)} -> ${counted(view.parameters)}`;

const columns: readonly Column<RunLine>[] = [
  { title: 'run', of: ({ runId }) => runId },
  { title: 'data', of: ({ dataset }) => dataset },
  { title: 'outcome', of: ({ outcome }) => outcome },
  { title: 'epoch', of: ({ epoch, epochs }) => `${epoch}/${epochs}`, right: true },
  { title: 'accuracy', of: ({ accuracy }) => percent(accuracy), right: true },
  { title: 'loss', of: (line) => loss(line.loss), right: true },
  { title: 'parameters', of: grown, right: true },
  { title: 'fossilized', of: ({ fossilized }) => String(fossilized), right: true },
  { title: 'culled', of: ({ culled }) => String(culled), right: true },
  { title: 'started', of: ({ startedAtMs }) => moment(startedAtMs) },
];

function runText(view: RunView, folder: string, paint: Style): string {
  const entries: (readonly [string, string])[] = [
    ['run', paint.bold(view.runId)],
    ['data', view.dataset],
    ['seed', String(view.seed)],
    ['outcome', `${view.outcome}, epoch ${view.epoch} of ${view.epochs}`],
    ['accuracy', `${percent(view.initialAccuracy)} -> ${percent(view.accuracy)}`],
    ['loss', `${loss(view.initialLoss)} -> ${loss(view.loss)}`],
    ['test', view.testAccuracy === null ? loss(view.testLoss) : percent(view.testAccuracy)],
    ['curve', sparkline(view.accuracyCurve)],
    ['parameters', grown(view)],
    ['seeds', `${view.germinated} germinated, ${view.fossilized} fossilized, ${view.culled} culled`],
    ['boundaries', `${view.boundaries}, p95 ${view.hookMsP95 === null ? '-' : duration(view.hookMsP95)}`],
    ['checkpoints', `${view.checkpoints}${view.lastCheckpoint ? `, last ${view.lastCheckpoint}` : ''}`],
    ['backend', `${view.backend}, ${view.engine}`],
    ['folder', folder],
    ...view.rollbacks.map(({ reason, atStep, toStep, ms }) => {
      return ['rollback', `${reason}: step ${atStep} back to ${toStep} in ${duration(ms)}`] as const;
    }),
    ...view.byHand.map((one) => ['by hand', byHandText(one, paint)] as const),
    ...view.faults.map(({ step, who, what, injected }) => {
      return ['fault', `step ${step}  ${who}: ${what}${injected ? ' (on purpose)' : ''}`] as const;
    }),
    ...view.resumes.map(({ fromBoundary, verified, recoveryMs }) => {
      const text = `${fromBoundary === null ? 'from the start' : `from boundary ${fromBoundary}`}, ${verified} run again and equal, ${duration(recoveryMs)}`;
      return ['resumed', text] as const;
    }),
  ];
  return pairs(entries, paint);
}
