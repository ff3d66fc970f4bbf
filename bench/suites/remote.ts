/** What a message costs that goes to another node: sealed, numbered, carried by a broker in memory, and receipted. */
import { randomStream } from '../../contracts/index.ts';
import { memoryBroker } from '../../runtime/adapters/memory/broker.ts';
import {
  type ActorSystem,
  type Clock,
  joinCluster,
  startSystem,
  supervisor,
  worker,
} from '../../runtime/index.ts';
import { BURSTS, burst, checkSum, questions } from '../rig/bursts.ts';
import { benchPorts } from '../rig/ports.ts';
import { type CounterMessage, counter, Tally } from '../rig/yard.ts';
import { repeat, stopwatch, times } from '../sampling.ts';
import { perSecond, spread } from '../statistics.ts';
import { figure, type Suite } from '../suite.ts';

/** Fewer than an outbox holds. */
const TELLS = 1_024;

export const remote: Suite = {
  name: 'remote',
  room: 'runtime',
  about:
    'tell and ask between two nodes of one process, over a broker in memory that takes no time of its own',
  async run(effort) {
    const tally = new Tally();
    const { here, there } = await twoNodes(tally);
    const ref = here.ref<CounterMessage>('//there/yard/counter');
    checkSum(await ref.ask<number>({ type: 'echo', value: 0 }, { withinMs: 10_000 }), 1);
    const tells = await repeat(
      times(effort, 50),
      burst(tally, () => ref.send({ type: 'count' }), TELLS),
    );
    const asks = await repeat(times(effort, 100), questions(ref));
    const alone = await repeat(times(effort, 300), () =>
      stopwatch(() => ref.ask({ type: 'echo', value: 0 }, { withinMs: 1_000 })),
    );
    await here.stop();
    await there.stop();
    return [
      figure('tell', '/s', perSecond(tells, TELLS)),
      figure('ask-in-flight', '/s', perSecond(asks, BURSTS.asks)),
      figure('ask-one-by-one', 'ms', spread(alone)),
    ];
  },
};

async function twoNodes(tally: Tally): Promise<{ readonly here: ActorSystem; readonly there: ActorSystem }> {
  const random = randomStream('remote');
  const { clock } = await benchPorts();
  const broker = memoryBroker({ clock: atOnce(clock), random, faults: { delayMs: [0, 0] } });
  const node = async (name: string) => {
    const ports = await benchPorts();
    const transport = broker.connect(name);
    const cluster = await joinCluster({
      ...ports,
      transport,
      leases: broker.leases(name),
      node: { name },
      protocol: 'one',
    });
    const options = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;
    const tree = supervisor('yard', options, [worker(counter, { args: tally })]);
    return startSystem(tree, { ...ports, node: cluster.node, remote: cluster });
  };
  const there = await node('there');
  return { here: await node('here'), there };
}

/** A timer takes a millisecond at least; what takes no time comes with the next turn of the event loop. */
const atOnce = (clock: Clock): Clock => ({
  ...clock,
  after(delayMs, fire) {
    if (delayMs > 0) return clock.after(delayMs, fire);
    let wanted = true;
    clock.soon(() => {
      if (wanted) fire();
    });
    return () => {
      wanted = false;
    };
  },
});
