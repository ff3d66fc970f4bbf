/**
 * Records a journal as the present build writes it, for every later one to read: `node test/recorded/record.mjs journal-v2`
 * makes a small one with a bit of everything; with a folder and a number, the first records of a real one are taken.
 * A recording is made once, by the version it is named after, and never again.
 */
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeCompression } from '../../dist/runtime/adapters/node/compression.js';
import { nodeDisk } from '../../dist/runtime/adapters/node/disk.js';
import { nodeProcesses } from '../../dist/runtime/adapters/node/processes.js';
import { cutAfter } from '../../dist/runtime/journal/cut.js';
import { openJournal } from '../../dist/runtime/journal/open-journal.js';
import { verifyJournal } from '../../dist/runtime/journal/survey.js';

const [name, source, last] = process.argv.slice(2);
const scratch = await mkdtemp(join(tmpdir(), 'esper-recording-'));
const world = { disk: nodeDisk(), folder: join(scratch, 'journal'), processes: nodeProcesses() };
const compression = nodeCompression();

await (source ? taken(source, Number(last)) : made());
await withoutRoom();
const recording = { files: await files(), records: await replayed() };
const target = new URL(`${name}.json`, import.meta.url);
await writeFile(target, `${JSON.stringify(recording, null, 2)}\n`, { flag: 'wx' });
await rm(scratch, { recursive: true });

/** Marks, a ring that went round, writes of several records, compressed bodies and empty ones. */
async function made() {
  const ring = { segmentBytes: 512, marks: [9], retention: { segments: 4 }, compression };
  const { journal } = await openJournal({ ...world, ...ring });
  for (let n = 1; n <= 120; n += 2) {
    const bodies = [n, n + 1].map((m) => new Uint8Array(m % 11 === 0 ? 200 : (m % 7) * 5).fill(m));
    await Promise.all(bodies.map((body, i) => journal.append((n + i) % 12 === 0 ? 9 : n % 5, body)));
  }
  await journal.close();
}

async function taken(from, last) {
  await cp(from, world.folder, { recursive: true });
  await cutAfter(world, last);
  for (const file of await readdir(world.folder))
    if (file.includes('.cut')) await rm(`${world.folder}/${file}`);
}

/** What is laid out for later records says nothing. */
async function withoutRoom() {
  for (const { file, end } of (await verifyJournal(world.disk, world.folder)).segments) {
    await truncate(`${world.folder}/${file}`, end);
  }
}

/** The journal's folder, each file in base64. */
async function files() {
  const contents = {};
  for (const file of await readdir(world.folder)) {
    contents[file] = (await readFile(`${world.folder}/${file}`)).toString('base64');
  }
  return contents;
}

/** Of each record: sequence, kind, length, and a part of its hash. */
async function replayed() {
  const records = [];
  const replay = ({ sequence, kind, body }) =>
    records.push(
      `${sequence} ${kind} ${body.length} ${createHash('sha256').update(body).digest('hex').slice(0, 16)}`,
    );
  const { journal } = await openJournal({ ...world, compression, replay });
  await journal.close();
  return records;
}
