/** Every bit of a journal flipped: what was hit is not believed, what came before stays, and room may hold anything. */
import { memoryDisk } from '../../runtime/adapters/memory/disk.ts';
import { inflater } from '../../runtime/journal/body.ts';
import { SEGMENT_HEADER } from '../../runtime/journal/segment.ts';
import { surveyJournal, verifyJournal } from '../../runtime/journal/survey.ts';
import { fill, folder, isRecord, MARK, workbench } from '../runtime/journal/workbench.ts';
import { inspectAll } from './inspect-all.ts';
import { Findings, type Progress, type Verdict } from './verdict.ts';

/** One large new file, and a ring of small used ones. */
export const flips = {
  fresh: (progress: Progress): Promise<Verdict> =>
    everyBit('flip every bit: a new file', { segmentBytes: 8 << 10 }, 200, progress),
  ring: (progress: Progress): Promise<Verdict> =>
    everyBit(
      'flip every bit: a ring of used files',
      { segmentBytes: 1024, marks: [MARK], retention: { segments: 3 } },
      200,
      progress,
    ),
};

async function everyBit(
  name: string,
  options: Parameters<typeof workbench>[0],
  records: number,
  progress: Progress,
): Promise<Verdict> {
  const findings = new Findings(name);
  const bench = workbench(options);
  const journal = await bench.open();
  await fill(journal, records, 10);
  await journal.close();
  const files = [...bench.disk.dump()].filter(
    ([path]) => path.endsWith('.wal') || path.endsWith('floor.json'),
  );
  const placed = await inspectAll(bench.disk);
  const newest = (await verifyJournal(bench.disk, folder)).segments.at(-1)?.file ?? '';
  const wals = files.filter(([path]) => path.endsWith('.wal'));
  const total = wals.reduce((sum, [, { length }]) => sum + length * 8, 0);
  let done = 0;
  for (const [path, bytes] of wals) {
    const disk = memoryDisk();
    for (const [other, content] of files) disk.put(other, content);
    const file = path.slice(folder.length + 1);
    const inFile = placed.filter(({ segment }) => segment === file);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      progress(done++, total);
      disk.flip(path, bit);
      const byte = bit >> 3;
      const hit = inFile.find(({ offset, end }) => offset <= byte && byte < end)?.sequence;
      const where = `${file} bit ${bit}`;
      await judge(disk, findings, {
        where,
        hit,
        header: byte < SEGMENT_HEADER,
        records,
        newest: file === newest,
      });
      disk.flip(path, bit);
    }
  }
  return findings.verdict;
}

interface Flip {
  readonly where: string;
  /** The record that was hit. */
  readonly hit: number | undefined;
  readonly header: boolean;
  readonly records: number;
  readonly newest: boolean;
}

async function judge(
  disk: ReturnType<typeof memoryDisk>,
  findings: Findings,
  { where, hit, header, records, newest }: Flip,
): Promise<void> {
  findings.try();
  let prefix = true;
  const record = (one: Parameters<typeof isRecord>[0]) => {
    prefix &&= isRecord(one);
  };
  const report = await surveyJournal(disk, folder, { from: 1, record, inflate: inflater(undefined) });
  const kind = report.damage?.kind ?? 'whole';
  findings.hold(prefix, () => `${where}: a false record was read`);
  if (header) {
    findings.met('header refused');
    findings.hold(kind === 'corrupt', () => `${where}: a damaged header was believed`);
  } else if (hit === undefined) {
    findings.met('room, harmless');
    findings.hold(
      report.last === records && kind !== 'corrupt',
      () => `${where}: room cost records (${kind})`,
    );
  } else {
    const last = newest && hit === records;
    findings.met(last ? 'last write, cut' : 'record refused');
    findings.hold(
      kind === (last ? 'torn' : 'corrupt'),
      () => `${where}: a flip in record ${hit} was called ${kind}`,
    );
    findings.hold(
      report.last === hit - 1,
      () => `${where}: the prefix ends at ${report.last}, not ${hit - 1}`,
    );
  }
}
