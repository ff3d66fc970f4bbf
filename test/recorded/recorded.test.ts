/** Journals that earlier versions wrote: every later one reads them, record by record, and goes on from there. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recall } from '../../actors/tolaria/recall.ts';
import { type RunRecord, recordsFrom } from '../../contracts/index.ts';
import { memoryDisk } from '../../runtime/adapters/memory/disk.ts';
import { memoryProcesses } from '../../runtime/adapters/memory/processes.ts';
import { nodeCompression } from '../../runtime/adapters/node/compression.ts';
import { inspectJournal } from '../../runtime/journal/inspect.ts';
import { openJournal } from '../../runtime/journal/open-journal.ts';
import { verifyJournal } from '../../runtime/journal/survey.ts';
import type { JournalRecord } from '../../runtime/ports/journal.ts';
import { collect } from '../support/collect.ts';

const root = new URL('./', import.meta.url);
const recordings = readdirSync(root)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''));
const folder = '/journal';
const compression = nodeCompression();

interface Recording {
  /** The journal's files, in base64. */
  readonly files: Readonly<Record<string, string>>;
  /** Of each record: sequence, kind, length, and a part of its hash. */
  readonly records: readonly string[];
}

function recorded(name: string) {
  const { files, records } = JSON.parse(readFileSync(new URL(`${name}.json`, root), 'utf8')) as Recording;
  const disk = memoryDisk();
  for (const [file, text] of Object.entries(files)) {
    disk.put(`${folder}/${file}`, new Uint8Array(Buffer.from(text, 'base64')));
  }
  return { disk, expected: records };
}

const described = ({ sequence, kind, body }: JournalRecord): string =>
  `${sequence} ${kind} ${body.length} ${createHash('sha256').update(body).digest('hex').slice(0, 16)}`;

describe.each(recordings)('the recording %s', (name) => {
  it('is whole, and holds what it held', async () => {
    const { disk, expected } = recorded(name);

    expect((await verifyJournal(disk, folder)).ok).toBe(true);
    expect((await collect(inspectJournal(disk, folder, compression))).map(described)).toEqual(expected);
  });

  it('opens, replays, and is gone on with in the present format', async () => {
    const { disk, expected } = recorded(name);
    const seen: unknown[] = [];
    const options = { disk, folder, processes: memoryProcesses(), segmentBytes: 4096, compression };
    const { journal } = await openJournal({ ...options, replay: (record) => seen.push(described(record)) });
    const last = Number.parseInt(expected.at(-1) ?? '0', 10);

    expect(seen).toEqual(expected);
    for (let n = 1; n <= 100; n++) {
      expect(await journal.append(7, new Uint8Array(60).fill(n))).toBe(last + n);
    }
    await journal.close();
    const { segments, ok } = await verifyJournal(disk, folder);
    expect([ok, segments.at(-1)?.version]).toEqual([true, 2]);
    const { journal: again } = await openJournal(options);
    const records = await collect(again.read());
    expect(records.slice(0, -100).map(described)).toEqual(expected);
    expect(records.slice(-100).map(({ body }) => body[0])).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
  });
});

describe('the recorded run', () => {
  it('is recalled: every record still says what its contract promises', async () => {
    const { disk } = recorded('run-v1');
    const records = await recordsFrom(inspectJournal(disk, folder));
    const types = new Set(records.map(({ type }: RunRecord) => type));

    expect([...types]).toEqual([
      'tolaria.run.started',
      'tolaria.boundary.committed',
      'tolaria.checkpoint.written',
    ]);
    const first = records[0];
    expect(first?.type === 'tolaria.run.started' && recall(first.runId, records).ended).toBeNull();
  });
});
