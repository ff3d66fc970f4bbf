/** What nobody of the cluster said: forged words, words that are too large. */
import { connect, type NatsConnection } from 'nats';
import { encode } from '../../../contracts/codec.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import { openNats } from '../../../runtime/adapters/nats/index.ts';
import { joinCluster, remotePath, startSystem, supervisor } from '../../../runtime/index.ts';
import { hmacSeal, nodePorts } from '../../../runtime/node.ts';
import { BEAT_VERSION } from '../../../runtime/remote/envelope.ts';
import { packPacket } from '../../../runtime/remote/packet-form.ts';
import { codeOf } from '../../sim/support.ts';
import { nowMs } from '../real-life.ts';
import { SEAL_SECRET } from '../secret.ts';
import type { Heard, Yard } from '../yard.ts';
import type { Row } from './row.ts';

const FORGED = 200;

/** What n2 has refused so far, by code. */
async function refusals(yard: Yard): Promise<Readonly<Record<string, number>>> {
  const fromMs = nowMs();
  yard.pilot('n2').tell({ do: 'counters' });
  const counts = ({ node, news }: Heard) => node === 'n2' && news.is === 'counters' && news.atMs >= fromMs;
  await yard.until('n2 counts', 5_000, counts, fromMs);
  const said = yard.heard.findLast(counts);
  return said?.news.is === 'counters' ? said.news.counters : {};
}

const sumOf = (counters: Readonly<Record<string, number>>, beginning: string) =>
  Object.entries(counters).reduce((sum, [key, value]) => (key.startsWith(beginning) ? sum + value : sum), 0);

export const forged: Row = {
  id: 'F20',
  title: 'somebody without the secret speaks, on the right subject',
  async play({ open, expect }) {
    const yard = await open();
    const before = sumOf(await refusals(yard), 'esper_remote_refused_total');
    const stranger: NatsConnection = await connect({ servers: yard.broker.url });
    const heard: string[] = [];
    stranger.subscribe('esper.to.stranger', { callback: (_error, { subject }) => void heard.push(subject) });
    const text = {
      id: 'x',
      is: 'tell' as const,
      path: 'esper/sink',
      body: encode({ type: 'letter', from: 'stranger/1', n: 1 }),
    };
    const forged = packPacket({
      from: 'stranger',
      epoch: 1,
      to: 'n2',
      toEpoch: 1,
      ack: 0,
      beyond: 0,
      limit: 0,
      letters: [{ seq: 1, leftMs: null, text }],
    }).slice();
    const beat = {
      v: BEAT_VERSION,
      is: 'beat' as const,
      from: 'stranger',
      epoch: 9,
      count: 1,
      protocol: 'broken cluster 1',
      leaving: false,
      hears: [],
      inventory: {},
    };
    const wrong = hmacSeal(new TextEncoder().encode('a secret that is not the one'));
    for (let n = 0; n < FORGED / 4; n++) {
      stranger.publish('esper.to.n2', forged);
      stranger.publish('esper.beat', encode(beat));
      stranger.publish('esper.to.n2', wrong.seal('esper.to.n2', forged));
      stranger.publish('esper.beat', wrong.seal('esper.beat', encode({ ...beat, from: 'n1' })));
    }
    await stranger.flush();
    const after = sumOf(await refusals(yard), 'esper_remote_refused_total');
    const handled = yard
      .notes()
      .filter(({ event }) => event.kind === 'received' && event.from.startsWith('stranger'));
    const peers = yard.heard.filter(({ news }) => news.is === 'peer' && news.node === 'stranger');
    expect('nothing forged is handled', handled.length === 0, `${handled.length} letters`);
    expect('nobody believes a stranger to be a node', peers.length === 0, `${peers.length} times`);
    expect('all of it is counted', after - before === FORGED, `${after - before} of ${FORGED}`);
    expect('the stranger gets no answer', heard.length === 0, `${heard.length} answers`);
    await stranger.close();
  },
};

export const oversized: Row = {
  id: 'F21',
  title: 'words that are too large',
  async play({ open, expect }) {
    const yard = await open();
    const metrics = memoryMetrics();
    const ports = await nodePorts({ logLevel: 'error', metrics });
    const link = await openNats({
      servers: yard.broker.url,
      name: 'large',
      clock: ports.clock,
      log: ports.log,
      metrics,
    });
    const { transport } = link;
    const over = transport.publish('esper.to.n2', new Uint8Array(transport.maxBytes + 1));
    const far = transport.publish('esper.to.n2', new Uint8Array(64 * 1_048_576));
    expect('one byte too many is refused before it is sent', !over, over ? 'sent' : 'refused');
    expect('64 MiB are refused before they are sent', !far, far ? 'sent' : 'refused');
    const cluster = await joinCluster({
      ...ports,
      transport,
      leases: link.leases,
      node: { name: 'large' },
      protocol: 'broken cluster 1',
      seal: hmacSeal(SEAL_SECRET),
    });
    const system = await startSystem(
      supervisor('esper', { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 }, []),
      { ...ports, node: cluster.node, remote: cluster },
    );
    const shop = system.ref<{ type: string; [key: string]: unknown }>(remotePath('n2', 'esper/shop'));
    const ask = (bytes: number) =>
      shop.ask(
        { type: 'order', id: 'large', amount: 1, padding: new Uint8Array(bytes) },
        { withinMs: 5_000 },
      );
    const code = await ask(transport.maxBytes).then(() => 'taken', refusedAs);
    expect('an actor that asks with too much gets a typed refusal', code === 'REMOTE_TOO_LARGE', code);
    const small = await ask(16).then(() => 'taken', refusedAs);
    expect('the connection stays', small === 'taken' && transport.connected, small);
    await system.stop();
    await link.close();
    const wrong = (await yard.verdict()).filter((text) => !text.includes('n2: '));
    expect(
      'nothing acknowledged is lost, nothing done twice',
      wrong.length === 0,
      wrong.join('; ') || 'nothing',
    );
  },
};

/** The code of a refusal is in its details: the error itself says that it was one. */
function refusedAs(error: unknown): string {
  const refused = (error as { details?: { refused?: unknown; code?: unknown } }).details;
  return String(refused?.refused ?? refused?.code ?? codeOf(error));
}
