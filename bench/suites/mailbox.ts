/** What a message, a question, a direct call, a restart and a short life cost; comedy, nact, XState and a bare async call beside them. */
import { EsperError } from '../../contracts/index.ts';
import { type ActorSystem, type Ref, startSystem, supervisor, worker } from '../../runtime/index.ts';
import { comedyPeer } from '../rig/comedy-peer.ts';
import { nactPeer } from '../rig/nact-peer.ts';
import { benchPorts } from '../rig/ports.ts';
import { xstatePeer } from '../rig/xstate-peer.ts';
import { BURST, type CounterMessage, counter, type PondMessage, pond, Tally } from '../rig/yard.ts';
import { type Effort, microseconds, repeat, stopwatch, times } from '../sampling.ts';
import { perSecond, spread } from '../statistics.ts';
import { type Figure, figure, type Suite } from '../suite.ts';

/** Questions under way at a time. */
const IN_FLIGHT = 256;
const COUNT = { type: 'count' } as const;
const DEADLINE = { withinMs: 1_000 } as const;

export const mailbox: Suite = {
  name: 'mailbox',
  room: 'runtime',
  about:
    'tell, ask, callNow, restart in place, spawn and stop; comedy, nact, XState, a bare async call beside them',
  async run(effort) {
    const tally = new Tally();
    const lives = new Tally();
    // a window of 1 ms: no real supervisor has thousands of restarts to remember
    const options = { strategy: 'one_for_one', intensity: 1_000, periodMs: 1 } as const;
    const tree = supervisor('yard', options, [
      worker(counter, { args: tally }),
      worker(pond, { args: lives }),
    ]);
    const system = await startSystem(tree, await benchPorts());
    const figures = [...(await ours(system, tally, lives, effort)), ...(await peers(effort))];
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
  const tells = await repeat(times(effort, 300), () =>
    stopwatch(() => {
      const done = tally.expect(BURST);
      for (let i = 0; i < BURST; i++) ref.send(COUNT);
      return done;
    }),
  );
  const ask = (value: number) => ref.ask<number>({ type: 'echo', value }, DEADLINE);
  const asks = await repeat(times(effort, 300), () => stopwatch(() => answered(ask)));
  const alone = await repeat(times(effort, 300), () => stopwatch(() => oneByOne(ask)));
  const calls = await microseconds(times(effort, 300), 1_000, (value) =>
    ref.callNow({ type: 'echo', value }),
  );
  const restarts = await repeat(times(effort, 1_000), () => restart(ref));
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
    figure('call-now', 'us', spread(calls)),
    figure('restart-in-place', 'us', spread(restarts)),
    figure('spawn-stop', '/s', perSecond(spawns, 1_000)),
  ];
}

/** The same work on what people would use instead, in the same process, one after the other. */
async function peers(effort: Effort): Promise<readonly Figure[]> {
  const tally = new Tally();
  const [comedy, nact, xstate] = [await comedyPeer(tally), nactPeer(tally), xstatePeer(tally)];
  const burst = (tell: () => unknown) =>
    repeat(times(effort, 50), () =>
      stopwatch(() => {
        const done = tally.expect(BURST);
        for (let i = 0; i < BURST; i++) void tell();
        return done;
      }),
    );
  const lives = (hatch: () => unknown) =>
    repeat(times(effort, 50), () =>
      stopwatch(async () => {
        for (let i = 0; i < 100; i++) await hatch();
      }),
    );
  const asks = (ask: (value: number) => Promise<number>) =>
    repeat(times(effort, 100), () => stopwatch(() => answered(ask)));
  const figures = [
    figure('peer-comedy-tell', '/s', perSecond(await burst(comedy.tell), BURST)),
    figure('peer-nact-tell', '/s', perSecond(await burst(nact.tell), BURST)),
    figure('peer-xstate-send', '/s', perSecond(await burst(xstate.tell), BURST)),
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

/** Many questions at a time; each answer is looked at. @throws BENCH_WRONG_ANSWER */
async function answered(ask: (value: number) => Promise<number>): Promise<void> {
  const answers: Promise<number>[] = [];
  for (let i = 0; i < IN_FLIGHT; i++) answers.push(ask(i));
  check((await Promise.all(answers)).reduce((sum, value) => sum + value, 0));
}

async function oneByOne(ask: (value: number) => Promise<number>): Promise<void> {
  let sum = 0;
  for (let i = 0; i < IN_FLIGHT; i++) sum += await ask(i);
  check(sum);
}

function check(sum: number): void {
  const expected = (IN_FLIGHT * (IN_FLIGHT - 1)) / 2;
  if (sum !== expected) throw new EsperError('BENCH_WRONG_ANSWER', `${sum} is not ${expected}`);
}

/** Microseconds from the message that crashes an actor until its next life is there. @throws BENCH_NOT_RESTARTED */
async function restart(ref: Ref<CounterMessage>): Promise<number> {
  const before = ref.incarnation;
  const took = await stopwatch(() => crash(ref));
  if (ref.incarnation !== before + 1) {
    throw new EsperError('BENCH_NOT_RESTARTED', `life ${before} was followed by ${ref.incarnation}`);
  }
  return took * 1000;
}

function crash(ref: Ref<CounterMessage>): void {
  try {
    ref.callNow({ type: 'crash' });
  } catch (error) {
    if (!(error instanceof EsperError) || error.code !== 'ACTOR_CRASHED') throw error;
  }
}
