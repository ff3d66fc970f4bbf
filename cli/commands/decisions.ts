/** `esper decisions <run>`: why each seed was planted, what the gates said, and what came of it. */
import type { Command } from 'commander';
import { EsperError } from '../../contracts/index.ts';
import type { Cli } from '../cli.ts';
import { loss, percent } from '../render/numbers.ts';
import type { Style } from '../render/style.ts';
import { type Column, table } from '../render/table.ts';
import { openRun } from '../run-folders.ts';
import { byHandText } from '../views/by-hand.ts';
import { type DecisionTrace, decisionTrace } from '../views/decision-trace.ts';
import { documentOf, type SeedTrace } from '../views/documents.ts';

export function decisions(program: Command, cli: Cli): void {
  program
    .command('decisions')
    .argument('[run]', 'run id, the beginning of one, or `latest`', 'latest')
    .option('--of <seed>', 'only this seed')
    .description('why each seed was planted, and what became of it')
    .action(async (meant: string, { of }: { of?: string }) => {
      const { runId, records } = await openRun(cli, meant);
      const trace = decisionTrace(records);
      const seeds = trace.seeds.filter(({ seedId }) => of === undefined || seedId === of);
      if (of !== undefined && seeds.length === 0) throw noSeed(of, runId);
      const { waits, byHand } = trace;
      cli.print(documentOf('DecisionTrace', { runId, seeds, waits, byHand }), () =>
        traceText({ seeds, waits, byHand }, cli.style),
      );
    });
}

const noSeed = (seedId: string, runId: string): EsperError =>
  new EsperError(
    'SEED_NOT_FOUND',
    `no seed ${seedId} was planted in ${runId}`,
    { seedId, runId },
    { hint: `esper seeds ${runId}` },
  );

function traceText({ seeds, waits, byHand }: DecisionTrace, paint: Style): string {
  const waited = Object.entries(waits).map(([trigger, times]) => `${trigger} ${times}x`);
  const patience = waited.length === 0 ? '' : `${paint.dim('waited')}  ${waited.join(', ')}\n`;
  const stories = seeds.map((seed) => seedText(seed, paint)).join('\n');
  const hands = byHand.map((one) => `${paint.dim('by hand')}  ${byHandText(one, paint)}\n`).join('');
  return (stories || 'no seed was planted\n') + (hands && `\n${hands}`) + (patience && `\n${patience}`);
}

function seedText(seed: SeedTrace, paint: Style): string {
  const end = seed.cullReason === null ? seed.outcome : `${seed.outcome}, ${seed.cullReason}`;
  const title = `${paint.bold(seed.seedId)} ${seed.slotId} ${seed.blueprintId}  ${end}`;
  const lines = [
    seed.undone ? `${title} ${paint.yellow('(taken back)')}` : title,
    ...planted(seed, paint),
    ...seed.gates.map(({ epoch, from, to, gate }) => {
      const verdict = gate.passed ? paint.green('passed') : paint.red('refused');
      const why = gate.reasons.length === 0 ? readings(gate.readings) : gate.reasons.join('; ');
      return `  epoch ${epoch}  ${gate.gate} ${verdict} ${from} -> ${to}  ${why}`;
    }),
    ...seed.later.map(
      ({ epoch, type, trigger, reason }) => `  epoch ${epoch}  ${type} ${paint.cyan(trigger)}  ${reason}`,
    ),
    `  contribution  ${seed.contribution === null ? 'not measured' : `${loss(seed.contribution)} % of the loss`}`,
  ];
  return `${lines.join('\n')}\n`;
}

function planted({ planted }: SeedTrace, paint: Style): string[] {
  if (planted === null) return ['  planted without a recorded decision'];
  const { epoch, trigger, reason, confidence, expectedImpact, chosen, candidates } = planted;
  const expected = expectedImpact === null ? '' : `, expected ${loss(expectedImpact)} % of the loss`;
  const lines = [
    `  epoch ${epoch}  planted ${paint.cyan(trigger)}  ${reason} (sure to ${percent(confidence)}${expected})`,
  ];
  if (candidates.length === 0) return lines;
  const ranked = [...candidates].sort((a, b) => b.value - a.value);
  const isChosen = (one: (typeof ranked)[number]) =>
    chosen !== null &&
    one.slotId === chosen.slotId &&
    one.kernelId === chosen.kernelId &&
    one.draw === chosen.draw;
  const rows = table([{ title: '', of: (one) => (isChosen(one) ? '*' : ' ') }, ...weighed], ranked, paint);
  return [
    ...lines,
    ...rows
      .trimEnd()
      .split('\n')
      .map((row) => `    ${row}`),
  ];
}

type Weighed = NonNullable<SeedTrace['planted']>['candidates'][number];
const weighed: readonly Column<Weighed>[] = [
  { title: 'slot', of: ({ slotId }) => slotId },
  { title: 'blueprint', of: ({ blueprintId }) => blueprintId },
  { title: 'draw', of: ({ draw }) => String(draw), right: true },
  { title: 'parameters', of: ({ parameters }) => String(parameters), right: true },
  { title: 'score', of: ({ score }) => loss(score), right: true },
  { title: 'value', of: ({ value }) => loss(value), right: true },
];

const readings = (of: Readonly<Record<string, unknown>>): string =>
  Object.entries(of)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? loss(value) : value}`)
    .join(', ');
