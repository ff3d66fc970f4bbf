/** What must be true for Esper to work here, as small questions with an answer and a next step each. */
import { listDatasets } from '../../config/datasets/index.ts';
import { EsperError } from '../../contracts/index.ts';
import { verifyJournal } from '../../runtime/journal/survey.ts';
import type { Cli } from '../cli.ts';
import { bytes, duration } from '../render/numbers.ts';
import { findRun, journalFolder, runIds } from '../run-folders.ts';
import type { CheckResult } from '../views/documents.ts';
import { type Answer, failed, ok, warning } from './answer.ts';

const NODE_MIN = [20, 19] as const;
const FREE_MIN = 1e9;
const SLOW_SYNC_MS = 50;
const OPEN_FILES_MIN = 1024;

/** All checks, in the order in which their failures would explain each other. */
const CHECKS: readonly { readonly name: string; readonly ask: (cli: Cli) => Promise<Answer> }[] = [
  { name: 'node', ask: async (cli) => nodeVersion(cli.world.machine.nodeVersion) },
  { name: 'tensors', ask: tensors },
  { name: 'home', ask: home },
  { name: 'free space', ask: freeSpace },
  { name: 'sync', ask: syncTime },
  { name: 'open files', ask: async (cli) => openFiles(cli.world.machine.openFilesMax()) },
  { name: 'data sets', ask: dataSets },
  { name: 'last run', ask: lastRun },
];

/** Asks everything; a check that fails in an unforeseen way is a failed check, not the end of the examination. */
export async function examine(cli: Cli): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { name, ask } of CHECKS) {
    try {
      results.push({ name, ...(await ask(cli)) });
    } catch (error) {
      if (!(error instanceof EsperError)) throw error;
      results.push({ name, ...failed(`${error.code} ${error.message}`, error.hint) });
    }
  }
  return results;
}

function nodeVersion(version: string): Answer {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const enough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return enough
    ? ok(version)
    : failed(`${version} is too old`, `install Node ${NODE_MIN.join('.')} or newer`);
}

async function tensors({ world }: Cli): Promise<Answer> {
  const { backend, chosen, ms, gigaflops } = await world.machine.multiply();
  const speed = `${backend}, ${gigaflops.toFixed(1)} GFLOP/s over ${duration(ms)}; ${chosen}`;
  return backend === 'cpu'
    ? warning(`${speed}: the slow backend`, 'npm ls @tensorflow/tfjs-backend-wasm')
    : ok(speed);
}

const PROBE = 'doctor-probe';

async function home({ world, home }: Cli): Promise<Answer> {
  await world.disk.folder(home);
  await world.disk.writeAtomic(`${home}/${PROBE}`, new Uint8Array(64));
  await world.disk.remove(`${home}/${PROBE}`);
  return ok(`${home} can be written`);
}

async function freeSpace({ world, home }: Cli): Promise<Answer> {
  const free = await world.machine.freeBytes(home);
  const finding = `${bytes(free)} free`;
  return free >= FREE_MIN
    ? ok(finding)
    : warning(finding, `free some space, or choose another folder: --home <dir> (now ${home})`);
}

/** 99th percentile of 100 small durable writes: what a journal pays for each group of records. */
async function syncTime({ world, home }: Cli): Promise<Answer> {
  const path = `${home}/${PROBE}`;
  const file = await world.disk.open(path, 'append');
  const times: number[] = [];
  for (let round = 0; round < 100; round++) {
    const before = world.clock.nowMs();
    await file.write(new Uint8Array(512), round * 512);
    await file.sync();
    times.push(world.clock.nowMs() - before);
  }
  await file.close();
  await world.disk.remove(path);
  const p99 = times.sort((a, b) => a - b)[98] ?? 0;
  const finding = `p99 ${duration(p99)}`;
  return p99 <= SLOW_SYNC_MS ? ok(finding) : warning(finding, 'put the home on a local disk: --home <dir>');
}

function openFiles(max: number | null): Answer {
  if (max === null) return ok('no limit is told');
  return max >= OPEN_FILES_MIN ? ok(`${max} at most`) : warning(`only ${max}`, `ulimit -n ${OPEN_FILES_MIN}`);
}

async function dataSets({ world, data }: Cli): Promise<Answer> {
  const all = await listDatasets(world.disk, data.dataDirs);
  const present = all.filter(({ state }) => state === 'present');
  const doubtful = present.filter(({ verified }) => !verified).map(({ name }) => name);
  const generated = all.filter(({ state }) => state === 'generated').length;
  const names = present.map(({ name }) => name).join(', ');
  const finding = `${generated} built in, ${present.length} here${names ? `: ${names}` : ''}`;
  if (doubtful.length === 0) return ok(finding);
  return warning(`${finding}; not checked: ${doubtful.join(', ')}`, `esper data fetch ${doubtful[0]}`);
}

async function lastRun(cli: Cli): Promise<Answer> {
  if ((await runIds(cli)).length === 0) return ok('no runs yet');
  const runId = await findRun(cli, 'latest');
  const { ok: whole, records, damage } = await verifyJournal(cli.world.disk, journalFolder(cli.home, runId));
  if (whole) return ok(`${runId}: ${records} records, all whole`);
  if (damage?.kind === 'torn')
    return warning(`${runId}: the last write was cut short`, `esper resume ${runId}`);
  return failed(`${runId}: ${damage?.reason ?? 'the journal is damaged'}`, `esper wal verify ${runId}`);
}
