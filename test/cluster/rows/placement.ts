/** Units that are placed: failed over when their node dies, moved with state and mail while everybody writes to them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../real-life.ts';
import { type Heard, NODES, type Yard } from '../yard.ts';
import type { Row } from './row.ts';

const REPLACED_MS = 10_000;

const begins = (where: (node: string) => boolean) => (heard: Heard) =>
  heard.news.is === 'register' && where(heard.node);

const anywhere = () => true;

const registerOf = (yard: Yard) => yard.heard.findLast(({ news }) => news.is === 'register')?.node ?? '';

/** Entries from everywhere, about 200 a second, from when the register runs. */
async function writing(yard: Yard): Promise<{ stop(): Promise<void> }> {
  await yard.until('the register runs', 20_000, begins(anywhere), 0);
  let on = true;
  const loop = (async () => {
    for (let n = 0; on; n++) {
      yard.pilot(NODES[n % NODES.length] as string).tell({ do: 'put' });
      await sleep(5);
    }
  })();
  return {
    async stop() {
      on = false;
      await loop;
    },
  };
}

const sums = (yard: Yard) => {
  const sent = yard.heard.filter(({ news }) => news.is === 'put').length;
  const received = yard
    .notes()
    .filter(({ event }) => event.kind === 'received' && event.by === 'register').length;
  return { sent, received };
};

export const moved: Row = {
  id: 'MOVE',
  title: 'a unit is moved while everybody writes to it',
  async play({ open, expect, say, long }) {
    const yard = await open();
    const writers = await writing(yard);
    const took: number[] = [];
    for (let move = 0; move < (long ? 100 : 9); move++) {
      await sleep(400);
      const here = registerOf(yard);
      const to = NODES[(NODES.indexOf(here as (typeof NODES)[number]) + 1) % NODES.length] as string;
      const atMs = nowMs();
      yard.pilot('n1').tell({ do: 'move', to });
      took.push(
        await yard.until(
          `the register is on ${to}`,
          20_000,
          begins((node) => node === to),
          atMs,
        ),
      );
    }
    await sleep(1_000);
    await writers.stop();
    for (let left = 50; left > 0 && sums(yard).received < sums(yard).sent; left--) await sleep(100);
    const { sent, received } = sums(yard);
    const kept = yard.heard
      .filter(({ news }) => news.is === 'register')
      .map(({ news }) => (news.is === 'register' ? news.entries : 0));
    const wrong = await yard.verdict();
    expect('no entry is lost', sent === received, `${received} of ${sent}`);
    expect(
      'its state goes along',
      kept.every((sum, i) => i === 0 || sum >= (kept[i - 1] ?? 0)) && (kept.at(-1) ?? 0) > 0,
      kept.join(' '),
    );
    expect('in order, once, one owner at a time', wrong.length === 0, wrong.join('; ') || 'always');
    say(
      `${took.length} moves, each ${Math.min(...took).toFixed(0)} to ${Math.max(...took).toFixed(0)} ms from the command until it runs`,
    );
  },
};

export const failedOver: Row = {
  id: 'F1B',
  title: 'kill -9 of the node that runs a placed unit',
  async play({ open, expect, within, say, long }) {
    const yard = await open();
    const writers = await writing(yard);
    const took: number[] = [];
    for (let round = 0; round < (long ? 30 : 3); round++) {
      await sleep(1_000 + yard.random.below(1_000));
      const victim = registerOf(yard);
      const atMs = nowMs();
      await yard.pilot(victim).kill();
      took.push(
        await yard.until(
          'the register is elsewhere',
          30_000,
          begins((node) => node !== victim),
          atMs,
        ),
      );
      await yard.pilot(victim).start();
    }
    await writers.stop();
    const latest = Math.max(...took);
    const wrong = await yard.verdict();
    within('placed elsewhere', latest, REPLACED_MS);
    expect('in order, once, one owner at a time', wrong.length === 0, wrong.join('; ') || 'always');
    const { sent, received } = sums(yard);
    say(`${received} of ${sent} entries arrived; what its node had taken died with it`);
  },
};
