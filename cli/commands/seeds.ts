/** `esper seeds <run>`: every seed's life in a line. */
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { loss } from '../render/numbers.ts';
import { type Column, table } from '../render/table.ts';
import { openRun } from '../run-folders.ts';
import { documentOf, type SeedHistory } from '../views/documents.ts';
import { seedHistories } from '../views/seed-histories.ts';

export function seeds(program: Command, cli: Cli): void {
  program
    .command('seeds')
    .argument('[run]', 'run id, the beginning of one, or `latest`', 'latest')
    .description('the life of every seed')
    .action(async (meant: string) => {
      const { runId, records } = await openRun(cli, meant);
      const histories = [...seedHistories(records)];
      cli.print(documentOf('SeedList', { runId, seeds: histories }), () =>
        histories.length === 0 ? 'no seed was planted\n' : table(columns, histories, cli.style),
      );
    });
}

const columns: readonly Column<SeedHistory>[] = [
  { title: 'seed', of: ({ seedId }) => seedId },
  { title: 'slot', of: ({ slotId }) => slotId },
  { title: 'blueprint', of: ({ blueprintId }) => blueprintId },
  { title: 'born', of: ({ born }) => `epoch ${born.epoch}` },
  { title: 'stage', of: ({ stage, undone }) => (undone ? `${stage} (taken back)` : stage) },
  { title: 'alpha', of: ({ alpha }) => alpha.toFixed(2), right: true },
  { title: 'parameters', of: ({ parameters }) => String(parameters), right: true },
  { title: 'contribution', of: ({ contribution }) => loss(contribution), right: true },
  { title: 'why culled', of: ({ cullReason }) => cullReason ?? '' },
  { title: 'life', of: ({ stages }) => stages.map(({ stage, epoch }) => `${stage}@${epoch}`).join(' ') },
];
