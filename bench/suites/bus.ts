/** What the bus carries: between two processes over a real broker, and within one process and across its threads. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { InProcessBus } from '../../actors/oona/in-process-bus.ts';
import { serveThreadBus } from '../../actors/oona/serve-thread-bus.ts';
import { ThreadBus } from '../../actors/oona/thread-bus.ts';
import { linkPair } from '../../runtime/adapters/memory/threads.ts';
import { startNatsServer } from '../../runtime/adapters/nats/server.ts';
import type { Bus } from '../../runtime/index.ts';
import { bareAsker } from '../bus/bare.ts';
import { type BenchNode, openBenchNode, PACED, SAMPLES, sample } from '../bus/node.ts';
import type { PeerReport } from '../bus/peer.ts';
import { questions } from '../rig/bursts.ts';
import { benchPorts } from '../rig/ports.ts';
import { inScratch } from '../rig/scratch.ts';
import type { CounterMessage } from '../rig/yard.ts';
import { type Effort, nowMs, repeat, sideBySide, stopwatch, times } from '../sampling.ts';
import { perSecond, quantile, spread } from '../statistics.ts';
import { type Figure, figure, ratio, type Suite } from '../suite.ts';

const PEER = fileURLToPath(new URL('../bus/peer.js', import.meta.url));
const PACE = 12_000;
const BATCHED = 20_000;
const ASKS = 256;
/** Questions until the compiler of both processes has seen enough of them; a node that lives for days has. */
const WARM = 3_000;

export const bus: Suite = {
  name: 'bus',
  room: 'runtime',
  about: 'messages of 300 bytes between two processes over a NATS server, and asks; buses of one process',
  run: (effort) =>
    inScratch(async (folder) => {
      const server = await startNatsServer({ storeDir: folder });
      const peer = fork(PEER, [server.url]);
      await once(peer, 'message');
      const here = await openBenchNode('here', server.url);
      try {
        return [
          ...(await paced(here, peer, effort)),
          await batched(here, peer, effort),
          ...(await asks(here, server.url, effort)),
          ...(await local(effort)),
        ];
      } finally {
        peer.send('end');
        await here.close();
        await once(peer, 'close');
        await server.stop();
      }
    }),
};

/** Seconds of the paced part; five minutes when asked for long. */
const secondsOf = ({ quick, long }: Effort) => (long ? 300 : quick ? 2 : 5);

async function paced(
  { bus: speaker }: BenchNode,
  peer: ChildProcess,
  effort: Effort,
): Promise<readonly Figure[]> {
  const run = async (seconds: number) => {
    await report(peer, 'reset');
    const began = nowMs();
    let said = 0;
    while (said < seconds * PACE) {
      const due = Math.min(((nowMs() - began) * PACE) / 1_000, seconds * PACE);
      for (; said < due; said++) speaker.publish(PACED, sample(said, nowMs()));
      await pause(1);
    }
    await pause(200);
    const { heard, latenciesMs } = await report(peer, 'reset');
    return { lost: said - heard, latenciesMs };
  };
  await run(1);
  const { lost, latenciesMs } = await run(secondsOf(effort));
  const [median, p99] = [quantile(latenciesMs, 0.5), quantile(latenciesMs, 0.99)];
  return [
    figure('paced-12k-p50', 'ms', { median, p95: quantile(latenciesMs, 0.95) }),
    figure('paced-12k-p99', 'ms', { median: p99, p95: p99 }),
    figure('paced-12k-lost', 'messages', { median: lost, p95: lost }),
  ];
}

async function batched({ bus: speaker }: BenchNode, peer: ChildProcess, effort: Effort): Promise<Figure> {
  const once = async () => {
    await report(peer, 'reset');
    const began = nowMs();
    for (let n = 0; n < BATCHED; n++) {
      speaker.publish(SAMPLES, sample(n, 0));
      if (n % 1_000 === 999) await new Promise((resolve) => setImmediate(resolve));
    }
    let told = await report(peer, 'look');
    for (const until = began + 10_000; told.heard < BATCHED && nowMs() < until; ) {
      await pause(5);
      told = await report(peer, 'look');
    }
    return told.lastMs - began;
  };
  return figure('batched', '/s', perSecond(await repeat(times(effort, 25), once), BATCHED));
}

async function asks({ system }: BenchNode, url: string, effort: Effort): Promise<readonly Figure[]> {
  const ref = system.ref<CounterMessage>('//there/yard/counter');
  const bare = await bareAsker(url);
  const ask = () => ref.ask<number>({ type: 'echo', value: 0 }, { withinMs: 10_000 });
  for (let i = 0; i < WARM; i++) {
    await ask();
    await bare.ask();
  }
  const [alone, bareAlone] = await sideBySide(
    times(effort, 1_000),
    () => stopwatch(ask),
    () => stopwatch(bare.ask),
  );
  await bare.close();
  const inFlight = await repeat(times(effort, 100), questions(ref, ASKS));
  const [asked, bareAsked] = [
    figure('ask-one-by-one', 'ms', spread(alone)),
    figure('bare-request', 'ms', spread(bareAlone)),
  ];
  return [
    asked,
    bareAsked,
    ratio('ask-beside-bare', asked, bareAsked),
    figure('ask-in-flight', '/s', perSecond(inFlight, ASKS)),
  ];
}

/** Within one process: by reference, and over a border that copies as one between threads does. */
async function local(effort: Effort): Promise<readonly Figure[]> {
  const ports = await benchPorts();
  const inProcess = new InProcessBus(ports, { defaultLimit: 1_000_000 });
  const { near, far } = linkPair(ports.clock);
  serveThreadBus(near, inProcess);
  const thread = new ThreadBus(far, ports);
  const rate = async (name: string, speaker: Bus, messages: number) => {
    let left = 0;
    let done = () => {};
    const leave = speaker.subscribe(SAMPLES, () => {
      if (--left === 0) done();
    });
    await pause(20);
    const readings = await repeat(times(effort, 25), () =>
      stopwatch(() => {
        left = messages;
        const heard = new Promise<void>((resolve) => {
          done = resolve;
        });
        for (let n = 0; n < messages; n++) speaker.publish(SAMPLES, sample(n, 0));
        return heard;
      }),
    );
    leave();
    return figure(name, '/s', perSecond(readings, messages));
  };
  const figures = [await rate('in-process', inProcess, 10_000), await rate('thread', thread, 2_000)];
  inProcess.close();
  return figures;
}

async function report(peer: ChildProcess, asked: 'look' | 'reset'): Promise<PeerReport> {
  const told = once(peer, 'message');
  peer.send(asked);
  const [answer] = await told;
  return answer as PeerReport;
}
