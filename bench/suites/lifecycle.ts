/** What it takes to bring actors into being, to keep them idle and to end them, by the thousand. */
import { EsperError } from '../../contracts/index.ts';
import { type ActorSystem, startSystem, supervisor, worker } from '../../runtime/index.ts';
import { benchPorts } from '../rig/ports.ts';
import { type CounterMessage, counter, type PondMessage, pond, Tally } from '../rig/yard.ts';
import { nowMs, times } from '../sampling.ts';
import { spread } from '../statistics.ts';
import { figure, type Suite } from '../suite.ts';

const ACTORS = 20_000;
/** Full actors under one supervisor; many supervisors make the rest. */
const BRANCH = 1_000;

export const lifecycle: Suite = {
  name: 'lifecycle',
  room: 'runtime',
  about:
    'starting, keeping and tearing down 20,000 actors, with and without a place in the tree of existence',
  async run(effort) {
    const full = await readings(times(effort, 10), startFull);
    const light = await readings(times(effort, 10), startLight);
    return [
      figure('start-20k', 'ms', spread(full.map(({ startMs }) => startMs))),
      figure('tear-down-20k', 'ms', spread(full.map(({ stopMs }) => stopMs))),
      figure('idle-actor', 'B', spread(full.map(({ bytes }) => bytes))),
      figure('start-20k-light', 'ms', spread(light.map(({ startMs }) => startMs))),
      figure('tear-down-20k-light', 'ms', spread(light.map(({ stopMs }) => stopMs))),
      figure('idle-actor-light', 'B', spread(light.map(({ bytes }) => bytes))),
    ];
  },
};

interface Reading {
  readonly startMs: number;
  readonly stopMs: number;
  /** Heap of one idle actor. */
  readonly bytes: number;
}

async function readings(count: number, start: (lives: Tally) => Promise<ActorSystem>): Promise<Reading[]> {
  const all: Reading[] = [];
  // the first two runs are for the compiler
  for (let i = 0; i < count + 2; i++) all.push(await once(start));
  return all.slice(2);
}

async function once(start: (lives: Tally) => Promise<ActorSystem>): Promise<Reading> {
  const lives = new Tally();
  const before = heap();
  const began = nowMs();
  const system = await start(lives);
  const startMs = nowMs() - began;
  const bytes = (heap() - before) / ACTORS;
  const over = lives.expect(ACTORS);
  const ending = nowMs();
  await system.stop();
  const stopMs = nowMs() - ending;
  await over; // every actor has said goodbye, or this never ends
  return { startMs, stopMs, bytes };
}

/** Bytes in use once what is dead is gone; needs `--expose-gc`. @throws BENCH_NO_GC */
function heap(): number {
  if (globalThis.gc === undefined) throw new EsperError('BENCH_NO_GC', 'run with --expose-gc');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

const calm = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;

async function startFull(lives: Tally): Promise<ActorSystem> {
  const mayfly = { ...counter, stopped: () => lives.add() };
  const branch = (b: number) =>
    supervisor(
      `branch-${b}`,
      calm,
      Array.from({ length: BRANCH }, (_, i) => worker(mayfly, { id: `a${i}`, args: lives })),
    );
  const branches = Array.from({ length: ACTORS / BRANCH }, (_, b) => branch(b));
  const system = await startSystem(supervisor('field', calm, branches), await benchPorts());
  answers(system, 'field/branch-19/a999');
  return system;
}

async function startLight(lives: Tally): Promise<ActorSystem> {
  const tree = supervisor('field', calm, [worker(pond, { args: lives })]);
  const system = await startSystem(tree, await benchPorts());
  system.ref<PondMessage>('field/pond').callNow({ type: 'settle', count: ACTORS });
  return system;
}

/** The last one started is really there. @throws BENCH_WRONG_ANSWER */
function answers(system: ActorSystem, path: string): void {
  const answer = system.ref<CounterMessage>(path).callNow<number>({ type: 'echo', value: 7 });
  if (answer !== 7) throw new EsperError('BENCH_WRONG_ANSWER', `${path} answered ${String(answer)}`);
}
