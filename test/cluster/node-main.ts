/** A node of the broken cluster: the real runtime over a real NATS server, with actors whose every effect is told. */
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { CommandGiven } from '../../contracts/placement-messages.ts';
import { openNats } from '../../runtime/adapters/nats/index.ts';
import {
  type ActorDefinition,
  accept,
  joinCluster,
  remotePath,
  startSystem,
  supervisor,
  worker,
} from '../../runtime/index.ts';
import { hmacSeal, openNodeEvents } from '../../runtime/node.ts';
import { openPlacement, placedRef, stewardRef } from '../../runtime/placement/index.ts';
import { singleton } from '../../runtime/remote/index.ts';
import { clerk, type LedgerMessage, type LedgerState, ledger } from '../sim/scenarios/clerk.ts';
import { type ShopMessage, type ShopState, shop } from '../sim/scenarios/shop.ts';
import { codeOf } from '../sim/support.ts';
import { connected } from './connected.ts';
import { openJobs } from './jobs.ts';
import { nowMs, realLife, say } from './real-life.ts';
import { machineFacts, REGISTER, type RegisterMessage, registerUnit } from './register.ts';
import { SEAL_SECRET } from './secret.ts';
import { type Command, REPLACED_CODE } from './words.ts';

const [name = '', url = '', folder = '', lives = '1'] = process.argv.slice(2);
const life = await realLife(name, Number(lives));
const { clock, log, metrics } = life.ports;

mkdirSync(folder, { recursive: true });
const link = await connected(() => openNats({ servers: [url], name, cluster: 'esper', clock, log, metrics }));
const events = await openNodeEvents(folder);
const placed = openPlacement({
  name,
  factories: { register: registerUnit(life) },
  facts: machineFacts,
  plan: { generation: 1, units: [REGISTER] },
  leases: link.leases,
  clock,
  log,
  metrics,
});
const cluster = await joinCluster({
  ...life.ports,
  transport: link.transport,
  leases: link.leases,
  node: { name },
  protocol: 'broken cluster 1',
  seal: hmacSeal(SEAL_SECRET),
  inventory: () => placed.inventory(),
  onPeer: ({ node, state, epoch }) => say({ is: 'peer', atMs: nowMs(), node, state, epoch }),
  onReplaced: () => {
    say({ is: 'replaced', atMs: nowMs() });
    process.exit(REPLACED_CODE);
  },
});

/** Takes letters that nobody answers. */
const sink: ActorDefinition<null, { type: 'letter'; from: string; n: number }> = {
  name: 'sink',
  fresh: () => null,
  decide: {
    letter: (_state, { from, n }) => {
      life.note({ kind: 'received', by: `${name}/${cluster.node.epoch}`, from, n });
      return accept();
    },
  },
};

const tree = supervisor('esper', { strategy: 'one_for_one', intensity: 5, periodMs: 2_000 }, [
  worker(sink),
  worker(shop(life)),
  ...(name === 'n1' ? [worker(ledger(life))] : []),
  singleton(cluster, 'clerk', clerk(life, life), (held) => held),
  ...placed.children(cluster),
]);
const system = await startSystem(tree, {
  ...life.ports,
  node: cluster.node,
  remote: placed.side(cluster),
  events,
});
const jobs = await openJobs(link, life, cluster.node, system);

link.transport.onChange((connected) => say({ is: 'broker', atMs: nowMs(), connected }));
const trainer = new Worker(new URL('./trainer-thread.js', import.meta.url));
trainer.on('message', (count: number) => say({ is: 'steps', atMs: nowMs(), count }));
trainer.unref();

const from = () => `${name}/${cluster.node.epoch}`;
const sent = new Map<string, number>();
let questions = 0;

async function order({ id, shop: to, amount, withinMs }: Extract<Command, { do: 'order' }>): Promise<void> {
  const question = `${from()} ${++questions}`;
  life.note({ kind: 'asked', id: question, withinMs });
  try {
    await system
      .ref<ShopMessage>(remotePath(to, 'esper/shop'))
      .ask({ type: 'order', id, amount }, { withinMs });
    life.note({ kind: 'settled', id: question, how: 'yes' });
    life.note({ kind: 'acknowledged', store: to, id });
  } catch (error) {
    life.note({ kind: 'settled', id: question, how: codeOf(error) });
  }
}

async function look(): Promise<void> {
  const state = await system
    .ref<ShopMessage>('esper/shop')
    .ask<ShopState>({ type: 'look' }, { withinMs: 5_000 });
  life.note({ kind: 'found', store: name, ids: state.orders });
  for (const id of state.orders) life.note({ kind: 'effect', on: name, id });
  if (name !== 'n1') return;
  const { epochs } = await system
    .ref<LedgerMessage>('esper/ledger')
    .ask<LedgerState>({ type: 'look' }, { withinMs: 5_000 });
  for (const epoch of epochs) life.note({ kind: 'fenced', resource: 'ledger', epoch });
}

let puts = 0;
function put(): void {
  puts++;
  placedRef<RegisterMessage>(system, 'register').send({ type: 'put', from: from(), n: puts });
  say({ is: 'put', atMs: nowMs(), from: from(), n: puts });
}

async function move(to: string): Promise<void> {
  await stewardRef(system).ask(CommandGiven.of({ command: { do: 'move', unit: 'register', to } }), {
    withinMs: 5_000,
  });
}

function counters(): void {
  const all = life.metrics.snapshot().counters.map(({ name: of, labels, value }): [string, number] => {
    const told = Object.entries(labels).map(([key, is]) => `${key}=${is}`);
    return [[of, ...told].join(' '), value];
  });
  say({ is: 'counters', atMs: nowMs(), counters: { ...Object.fromEntries(all), ...jobs.counters() } });
}

function obey(command: Command): void | Promise<void> {
  if (command.do === 'order') return order(command);
  if (command.do === 'look') return look();
  if (command.do === 'job') return jobs.publish(command.id);
  if (command.do === 'telemetry') return jobs.telemetry(command.count);
  if (command.do === 'counters') return counters();
  if (command.do === 'put') return put();
  if (command.do === 'move') return move(command.to);
  const n = (sent.get(command.to) ?? 0) + 1;
  sent.set(command.to, n);
  system
    .ref(remotePath(command.to, 'esper/sink'))
    .send({ type: 'letter', from: from(), n } as { type: string });
}

createInterface({ input: process.stdin })
  .on('line', (line) => void obey(JSON.parse(line) as Command))
  .on('close', () => process.exit(0)); // the suite is gone
void system.done.then((reason) => {
  if (reason.kind === 'crashed') throw reason.error;
});
say({ is: 'ready', epoch: cluster.node.epoch });
