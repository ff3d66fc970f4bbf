/** `esper data ls | fetch`: which data sets are here, and getting those that are not. */
import type { Command } from 'commander';
import { type DatasetListing, fetchDataset, listDatasets } from '../../config/datasets/index.ts';
import type { Cli } from '../cli.ts';
import { bytes, whole } from '../render/numbers.ts';
import { type Column, table } from '../render/table.ts';
import { documentOf } from '../views/documents.ts';

export function data(program: Command, cli: Cli): void {
  const group = program.command('data').description('list and fetch data sets');
  group
    .command('ls')
    .description('every data set: built in, here or missing')
    .action(async () => {
      const dataSets = await listDatasets(cli.world.disk, cli.data.dataDirs);
      cli.print(documentOf('DataSetList', { dataSets }), () => table(columns, dataSets, cli.style));
    });
  group
    .command('fetch')
    .argument('<name>', 'data set, as `esper data ls` names it')
    .option('--mirror <url>', 'fetch from here instead of the public homes')
    .description('download a data set into the cache; goes on where it was cut off')
    .action(async (name: string, { mirror }: { mirror?: string }) => {
      const { http, disk, clock } = cli.world;
      const { cacheDir } = cli.data;
      const report = await fetchDataset(name, {
        http,
        disk,
        clock,
        cacheDir,
        progress: meter(cli),
        ...(mirror !== undefined && { mirror }),
      });
      cli.print(documentOf('DataSet', report), () => {
        const lines = report.files.map(({ name, from }) => `${name}  ${from ?? 'was here already'}\n`);
        return `${report.folder}\n${lines.join('')}${report.credit}\n`;
      });
    });
}

type Meter = NonNullable<Parameters<typeof fetchDataset>[1]['progress']>;

/** A line for each tenth of a file. */
function meter(cli: Cli): Meter {
  const told = new Map<string, number>();
  return (file, sofar) => {
    const tenth = sofar.totalBytes === null ? 0 : Math.floor((sofar.bytes / sofar.totalBytes) * 10);
    if (told.get(file) === tenth) return;
    told.set(file, tenth);
    const total = sofar.totalBytes === null ? '' : ` of ${bytes(sofar.totalBytes)}`;
    cli.note(`${file}  ${bytes(sofar.bytes)}${total}  ${bytes(Math.round(sofar.bytesPerSecond))}/s`);
  };
}

const columns: readonly Column<DatasetListing>[] = [
  { title: 'name', of: ({ name }) => name },
  { title: 'state', of: ({ state }) => state },
  { title: 'checked', of: ({ verified }) => (verified ? 'yes' : 'no') },
  {
    title: 'rows',
    of: ({ rows }) => (rows ? `${whole(rows.train)} + ${whole(rows.test)}` : ''),
    right: true,
  },
  { title: 'size', of: ({ bytes: size }) => (size ? bytes(size) : ''), right: true },
  { title: 'about', of: ({ about }) => about },
  { title: 'folder', of: ({ folder }) => folder ?? '' },
];
