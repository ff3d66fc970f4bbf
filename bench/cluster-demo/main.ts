/** `npm run cluster:demo`: three nodes train and invent, one of them is killed, and nothing of value is lost. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type LocalCluster, startLocalCluster } from '../../cli/cluster/local-cluster.ts';
import { emptyPicture, evolve, pictureLine, withoutNode } from '../../cli/cluster/picture.ts';
import { loadPlacement } from '../../config/placement/load.ts';
import { type Customer, keysWithCustomer, openCustomer } from './customer.ts';
import { startJobs } from './jobs.ts';
import { type Comparison, compare } from './rates.ts';
import { chooseRun } from './run-choice.ts';
import { ThreadTime } from './thread-time.ts';
import { type Criterion, changeLine, criteria, type Findings } from './verdict.ts';
import { Watch } from './watch.ts';

const { values } = parseArgs({
  options: {
    config: { type: 'string', default: 'config/placement.yaml' },
    run: { type: 'string' },
    'data-dir': { type: 'string' },
    seconds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
    control: { type: 'boolean', default: false },
  },
});

/** With --control nobody is killed: what time alone does to a step, told for as long as a failover takes. */
const FAILOVER_MS = 7_000;
/** Milliseconds from one question for kernels to the next. */
const JOB_EVERY_MS = 500;
/** The network has not changed for as long: from here on its steps can be compared. */
const SETTLED_MS = 6_000;
const SETTLE_WITHIN_MS = 180_000;
/** More epochs than there is time for: the demonstration ends the run. */
const ENDLESS = ['training.epochs=1000000', 'training.goal=null', 'training.keepCheckpoints=2'].flatMap(
  (set) => ['--set', set],
);

const say = (text: string) => console.error(text);
const home = mkdtempSync(join(tmpdir(), 'esper-cluster-demo-'));
const partMs = Number(values.seconds) * 1000;
const placement = loadPlacement({ file: values.config, text: readFileSync(values.config, 'utf8') });
const run = chooseRun(values.run, values['data-dir'], process.env);
let training: ThreadTime | null = null;
const watch = new Watch(() => training?.ms() ?? null);
const keys = join(home, 'keys');
await keysWithCustomer(keys, placement, Date.now());
let picture = emptyPicture(placement.nodes.map(({ name }) => name));
let shown = '';

const cluster = await startLocalCluster({
  placement,
  placementFile: values.config,
  runFile: run.file,
  home,
  keys,
  nowMs: Date.now(),
  args: [...ENDLESS, ...(values['data-dir'] === undefined ? [] : ['--data-dir', values['data-dir']])],
  // One thread trains: the nodes of this demonstration share a machine, and must not share its cores more than need be.
  env: { ESPER_THREADS: '1', ...process.env },
  hear(news) {
    watch.hear(news);
    picture = evolve(picture, news);
    show();
  },
  lost(node) {
    picture = withoutNode(picture, node);
    show();
  },
});

function show(): void {
  const line = pictureLine(picture);
  if (line !== shown) say(`  ${line}`);
  shown = line;
}

say(`trains ${run.file} on ${run.data}`);
const customer = await openCustomer(cluster.nats, placement.cluster, cluster.ownBroker ? keys : null);
try {
  const found = await demonstrate(cluster, customer);
  if ('wall' in found)
    console.log(values.json ? JSON.stringify(found, null, 2) : speedLines(found).join('\n'));
  else {
    const judged = criteria(found);
    console.log(
      values.json ? JSON.stringify({ ...found, criteria: judged }, null, 2) : textOf(found, judged),
    );
    process.exitCode = judged.every(({ met }) => met) ? 0 : 1;
  }
} finally {
  await customer.close();
  await cluster.stop();
  rmSync(home, { recursive: true, force: true });
}

async function demonstrate(cluster: LocalCluster, customer: Customer): Promise<Findings | Comparison> {
  const trains = await watch.until(() => watch.germinated > 0, 120_000);
  if (!trains) throw new Error('no seed was planted within two minutes');
  const trainer = watch.nodesOf('triad')[0] ?? '';
  const jobs = startJobs(customer, JOB_EVERY_MS);
  try {
    // The first jobs measure kernels that no shelf holds yet, and what grows makes steps longer.
    await pause(5_000);
    const time = new ThreadTime(cluster.process(trainer)?.pid ?? 0);
    const settled = await watch.settled(SETTLED_MS, SETTLE_WITHIN_MS);
    if (!settled) say('the network still changes: only windows of its last structure count');
    time.choose();
    training = time;
    const beganMs = Date.now();
    say(`training, with a kernel job every ${JOB_EVERY_MS} ms; undisturbed for ${partMs / 1000} s`);
    await pause(partMs);
    const marksFrom = () => watch.marks.filter(({ atMs }) => atMs >= beganMs);
    if (values.control) {
      const nowMs = Date.now();
      await pause(partMs);
      return compare(marksFrom(), nowMs, nowMs + FAILOVER_MS);
    }
    const victim = busiest();
    const moved = watch.unitsOn(victim);
    say(`kill -9 ${victim}, which runs ${moved.join(', ')}`);
    const killMs = Date.now();
    cluster.process(victim)?.kill('SIGKILL');
    await watch.until(() => watch.runningAfter(moved, killMs) !== null, 30_000);
    const placedMs = watch.runningAfter(moved, killMs);
    await pause(Math.max(0, partMs - (Date.now() - killMs)));
    const speed = compare(marksFrom(), killMs, killMs + (placedMs ?? partMs));
    const counts = await jobs.finish(90_000);
    return {
      victim,
      moved,
      speed,
      jobs: counts,
      detectedMs: watch.missedAfter(victim, killMs),
      placedMs,
      germinated: watch.germinated,
      made: customer.origins.of([...watch.planted]),
      trainer,
    };
  } finally {
    jobs.close();
  }
}

/** The node with most units that train nothing. */
function busiest(): string {
  const others = placement.nodes
    .map(({ name }) => name)
    .filter((name) => !watch.unitsOn(name).includes('triad'));
  return others.sort((a, b) => watch.unitsOn(b).length - watch.unitsOn(a).length)[0] ?? '';
}

function textOf({ jobs, speed, made }: Findings, judged: readonly Criterion[]): string {
  const lines = judged.map(
    ({ what, measured, wanted, met }) => `${met ? 'ok  ' : 'FAIL'}  ${what}: ${measured}  (${wanted})`,
  );
  return [
    ...lines,
    '',
    ...speedLines(speed),
    ...made.map((one) =>
      one === null
        ? 'a kernel of unknown origin'
        : `${one.blueprintId}: ${one.kernelId}, compiled on ${one.node}`,
    ),
    `jobs: ${jobs.asked} asked, ${jobs.said} answers published (${jobs.saidTwice} jobs answered more than once), ${jobs.applied} applied, ${jobs.suppressed} second answers suppressed; median ${jobs.medianMs.toFixed(0)} ms, slowest ${jobs.slowestMs.toFixed(0)} ms`,
  ].join('\n');
}

function speedLines({ wall, cpu, windows }: Comparison): readonly string[] {
  return [
    changeLine('by the clock', wall),
    ...(cpu === null ? [] : [changeLine('processor time', cpu)]),
    `windows: ${windows.join(', ')}; load ${loadavg()[0]?.toFixed(1)}`,
  ];
}
