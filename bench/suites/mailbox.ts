/** What a message, a question, a direct call, a restart and a short life cost; comedy, nact, XState and a bare async call beside them. */
import { EsperError } from '../../contracts/index.ts';
import { type ActorSystem, type Ref, startSystem, supervisor, worker } from '../../runtime/index.ts';
import { answers, BURSTS, burst, checkSum, questions } from '../rig/bursts.ts';
import { comedyPeer } from '../rig/comedy-peer.ts';
import { nactPeer } from '../rig/nact-peer.ts';
import { benchPorts } from '../rig/ports.ts';
import { xstatePeer } from '../rig/xstate-peer.ts';
import {
  BURST,
  type CounterMessage,
  counter,
  type PaddleMessage,
  type PondMessage,
  paddle,
  pond,
  Tally,
} from '../rig/yard.ts';
import { type Effort, microseconds, repeat, stopwatch, times } from '../sampling.ts';
import { perSecond, spread } from '../statistics.ts';
import { type Figure, figure, ratio, type Suite } from '../suite.ts';

const IN_FLIGHT = BURSTS.asks;
const RALLY = 10_000;
const COUNT = { type: 'count' } as const;
const DEADLINE = { withinMs: 1_000 } as const;

export const mailbox: Suite = {
  name: 'mailbox',
  room: 'runtime',
  about:
    'tell, ask, ping-pong, callNow, restart in place, spawn and stop; comedy, nact, XState, a bare async call beside them',
  async run(effort) {
    const tally = new Tally();
    const lives = new Tally();
    // a window of 1 ms: no real supervisor has thousands of restarts to remember
    const options = { strategy: 'one_for_one', intensity: 1_000, periodMs: 1 } as const;
    const tree = supervisor('yard', options, [
      worker(counter, { args: tally }),
      worker(pond, { args: lives }),
      worker(paddle, { id: 'left', args: tally }),
      worker(paddle, { id: 'right', args: tally }),
    ]);
    const system = await startSystem(tree, await benchPorts());
    const figures = [...(await ours(system, tally, lives, effort)), ...(await peers(effort))];
    figures.push(...compared(figures));
    await system.stop();
    return figures;
  },
};

async function ours(
  system: ActorSystem,
  tally: Tally,
  lives: Tally,
  effort: Effort,
): Promise<readonly Figure[]> {
  const ref = system.ref<CounterMessage>('yard/counter');
  const tells = await repeat(
    times(effort, 300),
    burst(tally, () => ref.send(COUNT)),
  );
  const asks = await repeat(times(effort, 300), questions(ref));
  const ask = (value: number) => ref.ask<number>({ type: 'echo', value }, DEADLINE);
  const alone = await repeat(times(effort, 300), () => stopwatch(() => oneByOne(ask)));
  const rallies = await repeat(times(effort, 100), () => rally(system, tally));
  const calls = await microseconds(times(effort, 300), 1_000, (value) =>
    ref.callNow({ type: 'echo', value }),
  );
  const restarts = await microseconds(times(effort, 1_000), 20, () => restart(ref));
  const throws = await microseconds(times(effort, 1_000), 20, bareThrow);
  const nursery = system.ref<PondMessage>('yard/pond');
  const spawns = await repeat(times(effort, 100), () =>
    stopwatch(() => {
      const done = lives.expect(1_000);
      nursery.callNow({ type: 'hatch', count: 1_000 });
      return done;
    }),
  );
  return [
    figure('tell', '/s', perSecond(tells, BURST)),
    figure('ask-deadline', '/s', perSecond(asks, IN_FLIGHT)),
    figure('ask-one-by-one', '/s', perSecond(alone, IN_FLIGHT)),
    figure('ping-pong', '/s', perSecond(rallies, RALLY)),
    figure('call-now', 'us', spread(calls)),
    figure('restart-in-place', 'us', spread(restarts)),
    figure('of-which-throw', 'us', spread(throws)),
    figure('spawn-stop', '/s', perSecond(spawns, 1_000)),
  ];
}

/** The same work on what people would use instead, in the same process, one after the other. */
async function peers(effort: Effort): Promise<readonly Figure[]> {
  const tally = new Tally();
  const [comedy, nact, xstate] = [await comedyPeer(tally), nactPeer(tally), xstatePeer(tally)];
  const bursts = (tell: () => unknown) => repeat(times(effort, 50), burst(tally, tell));
  const lives = (hatch: () => unknown) =>
    repeat(times(effort, 50), () =>
      stopwatch(async () => {
        for (let i = 0; i < 100; i++) await hatch();
      }),
    );
  const asks = (ask: (value: number) => Promise<number>) => repeat(times(effort, 100), answers(ask));
  const figures = [
    figure('peer-comedy-tell', '/s', perSecond(await bursts(comedy.tell), BURST)),
    figure('peer-nact-tell', '/s', perSecond(await bursts(nact.tell), BURST)),
    figure('peer-xstate-send', '/s', perSecond(await bursts(xstate.tell), BURST)),
    figure('peer-comedy-ask', '/s', perSecond(await asks(comedy.echo), IN_FLIGHT)),
    figure('peer-nact-ask', '/s', perSecond(await asks(nact.echo), IN_FLIGHT)),
    figure('peer-bare-async-call', '/s', perSecond(await asks(async (value) => value), IN_FLIGHT)),
    figure('peer-comedy-spawn-stop', '/s', perSecond(await lives(comedy.hatch), 100)),
    figure('peer-nact-spawn-stop', '/s', perSecond(await lives(nact.hatch), 100)),
    figure('peer-xstate-spawn-stop', '/s', perSecond(await lives(xstate.hatch), 100)),
  ];
  await comedy.close();
  nact.close();
  xstate.close();
  return figures;
}

/** Two actors tell each other, one message under way at a time: what a hop from mailbox to mailbox costs. */
function rally(system: ActorSystem, tally: Tally): Promise<number> {
  return stopwatch(() => {
    const over = tally.expect(1);
    system
      .ref<PaddleMessage>('yard/left')
      .send({ type: 'ball', left: RALLY, to: 'yard/right', back: 'yard/left' });
    return over;
  });
}

async function oneByOne(ask: (value: number) => Promise<number>): Promise<void> {
  let sum = 0;
  for (let i = 0; i < IN_FLIGHT; i++) sum += await ask(i);
  checkSum(sum, IN_FLIGHT);
}

/** From the message that crashes an actor, its own throw included, until its next life is there. @throws BENCH_NOT_RESTARTED */
function restart(ref: Ref<CounterMessage>): void {
  const before = ref.incarnation;
  try {
    ref.callNow({ type: 'crash' });
  } catch (error) {
    if (!(error instanceof EsperError) || error.code !== 'ACTOR_CRASHED') throw error;
  }
  if (ref.incarnation !== before + 1) {
    throw new EsperError('BENCH_NOT_RESTARTED', `life ${before} was followed by ${ref.incarnation}`);
  }
}

/** What a crash costs before anybody has dealt with it: making an error and its stack. */
function bareThrow(): void {
  try {
    throw new Error('told to');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}

/** How many times as fast as those that people would use instead. */
function compared(figures: readonly Figure[]): readonly Figure[] {
  const of = (name: string) => figures.find((one) => one.name === name) as Figure;
  return [
    ratio('tell-vs-comedy', of('tell'), of('peer-comedy-tell')),
    ratio('tell-vs-nact', of('tell'), of('peer-nact-tell')),
    ratio('tell-vs-xstate', of('tell'), of('peer-xstate-send')),
    ratio('ask-vs-comedy', of('ask-deadline'), of('peer-comedy-ask')),
    ratio('ask-vs-nact', of('ask-deadline'), of('peer-nact-ask')),
    ratio('spawn-stop-vs-comedy', of('spawn-stop'), of('peer-comedy-spawn-stop')),
    ratio('spawn-stop-vs-nact', of('spawn-stop'), of('peer-nact-spawn-stop')),
  ];
}
