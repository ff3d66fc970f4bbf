/** `esper wal verify | inspect | cut`: is a run's journal whole, what stands in it, and where it shall end. */
import type { Command } from 'commander';
import { decode, EsperError, RUN_RECORDS } from '../../contracts/index.ts';
import { nodeCompression } from '../../runtime/adapters/node/compression.ts';
import { cutAfter } from '../../runtime/journal/cut.ts';
import { type InspectedRecord, inspectJournal } from '../../runtime/journal/inspect.ts';
import { verifyMarks } from '../../runtime/journal/marks.ts';
import type { JournalReport } from '../../runtime/journal/report.ts';
import { verifyJournal } from '../../runtime/journal/survey.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-codes.ts';
import { bytes, whole } from '../render/numbers.ts';
import type { Style } from '../render/style.ts';
import { pairs, table } from '../render/table.ts';
import { findRun, journalFolder } from '../run-folders.ts';
import { documentOf } from '../views/documents.ts';

export function wal(program: Command, cli: Cli): void {
  const group = program.command('wal').description('look into the journal of a run');
  cut(group, cli);
  group
    .command('verify')
    .argument('[where]', 'run id, `latest`, or a journal folder', 'latest')
    .description('check every record; exit 9 if one is damaged')
    .action(async (where: string) => {
      const folder = await folderOf(cli, where);
      const report = await verifyJournal(cli.world.disk, folder);
      const { ok, records, damage } = report;
      const marks = await verifyMarks(cli.world.disk, folder);
      const segments = report.segments.map(({ file, version, first, last, end }) => ({
        file,
        version,
        first,
        last,
        bytes: end,
      }));
      const document = { folder, ok, records, segments, marks, damage: damage ?? null };
      cli.print(documentOf('Journal', document), () => verdictText(folder, report, marks, cli.style));
      if (damage?.kind === 'corrupt') cli.exitCode = EXIT.integrity;
    });
  group
    .command('inspect')
    .argument('[where]', 'run id, `latest`, or a journal folder', 'latest')
    .option('--from <sequence>', 'first record to show', '1')
    .description('list the records with their place and content')
    .action(async (where: string, { from }: { from: string }) => {
      const folder = await folderOf(cli, where);
      const first = sequenceOf(from);
      const records: ReturnType<typeof described>[] = [];
      for await (const record of inspectJournal(cli.world.disk, folder, nodeCompression())) {
        if (record.sequence >= first) records.push(described(record));
      }
      cli.print(documentOf('JournalRecords', { folder, records }), () =>
        table(
          [
            { title: 'record', of: ({ sequence }) => String(sequence), right: true },
            { title: 'type', of: ({ type }) => type },
            { title: 'bytes', of: ({ bytes }) => String(bytes), right: true },
            { title: 'segment', of: ({ segment }) => segment },
            { title: 'offset', of: ({ offset }) => String(offset), right: true },
          ],
          records,
          cli.style,
        ),
      );
    });
}

/** An operator's decision, never made by itself: the bytes that are cut off stay beside the journal. */
function cut(group: Command, cli: Cli): void {
  group
    .command('cut')
    .argument('[where]', 'run id, `latest`, or a journal folder', 'latest')
    .requiredOption('--after <sequence>', 'last record to keep')
    .option('--yes', 'do it; without this nothing is changed')
    .description('give up everything after a record, to go on from there')
    .action(async (where: string, { after, yes }: { after: string; yes?: true }) => {
      const folder = await folderOf(cli, where);
      const sequence = sequenceOf(after);
      if (!yes) {
        const hint = `esper wal cut ${where} --after ${sequence} --yes`;
        throw new EsperError(
          'CLI_USAGE',
          `this gives up every record after ${sequence} of ${folder}`,
          { folder },
          { hint },
        );
      }
      const { disk, processes } = cli.world;
      const { last, keptIn } = await cutAfter({ disk, folder, processes }, sequence);
      cli.print(documentOf('JournalCut', { folder, last, keptIn: [...keptIn] }), () =>
        pairs(
          [
            ['journal', folder],
            ['ends with', `record ${last}`],
            ['kept aside', keptIn.join(', ') || 'nothing'],
            ['try', 'esper resume'],
          ],
          cli.style,
        ),
      );
    });
}

/** What has a slash is a folder; anything else is a run. */
async function folderOf(cli: Cli, where: string): Promise<string> {
  return where.includes('/') ? where : journalFolder(cli.home, await findRun(cli, where));
}

function sequenceOf(written: string): number {
  const sequence = Number(written);
  if (Number.isInteger(sequence) && sequence > 0) return sequence;
  const hint = 'records are counted from 1';
  throw new EsperError('CLI_USAGE', `this is not the number of a record: ${written}`, { written }, { hint });
}

function described({ sequence, segment, offset, kind, body }: InspectedRecord) {
  const type = RUN_RECORDS[kind - 1]?.type ?? `kind ${kind}`;
  return { sequence, segment, offset, type, bytes: body.length, message: decode(body) };
}

function verdictText(
  folder: string,
  report: JournalReport,
  marks: { good: number; stale: number },
  paint: Style,
): string {
  const { damage, segments, records, ok } = report;
  const size = segments.reduce((sum, { end }) => sum + end, 0);
  const entries: (readonly [string, string])[] = [
    ['journal', folder],
    ['records', `${whole(records)} in ${segments.length} segments, ${bytes(size)}`],
    ['verdict', ok ? paint.green('whole') : paint.red(damage?.kind ?? 'damaged')],
  ];
  if (marks.good + marks.stale > 0) {
    const late = marks.stale > 0 ? `, ${marks.stale} out of date: the next start finds them anew` : '';
    entries.push(['checkpoints', `${marks.good} indexed${late}`]);
  }
  if (damage) {
    const advice =
      damage.kind === 'torn'
        ? 'harmless: it was never acknowledged, and the next resume cuts it off'
        : `restore the folder from a copy${damage.sequence > 1 ? `, or give up what came after: esper wal cut ${folder} --after ${damage.sequence - 1} --yes` : ''}`;
    entries.push(['damage', `${damage.segment} at byte ${damage.offset}: ${damage.reason}`], ['try', advice]);
  }
  return pairs(entries, paint);
}
