/** Faults of the broker itself: killed and started again, or hung with its sockets open. */
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../real-life.ts';
import { type Heard, NODES, type Yard } from '../yard.ts';
import type { Row } from './row.ts';

const NOTICED_MS = 3_000;
/** Milliseconds without any job being handled after which the rest counts as lost: a broker hands out again after 6 s. */
const IDLE_MS = 20_000;
/** Telemetry that may be on its way in one direction when a broker dies: nobody can count it. */
const UNDER_WAY = 60;

const broker = (node: string, connected: boolean) => (heard: Heard) =>
  heard.node === node && heard.news.is === 'broker' && heard.news.connected === connected;

const slowest = async (yard: Yard, connected: boolean, fromMs: number, withinMs: number) =>
  Math.max(
    ...(await Promise.all(
      NODES.map((node) =>
        yard.until(
          `${node}: broker ${connected ? 'back' : 'gone'}`,
          withinMs,
          broker(node, connected),
          fromMs,
        ),
      ),
    )),
  );

/** Publishes jobs from everywhere until told to stop. @returns how many were given */
function working(yard: Yard): { stop(): Promise<number> } {
  let on = true;
  let count = 0;
  const loop = (async () => {
    while (on) {
      yard.pilot(NODES[count % NODES.length] as string).tell({ do: 'job', id: `j${++count}` });
      if (count % 10 === 0) yard.pilot('n1').tell({ do: 'telemetry', count: 20 });
      await sleep(10);
    }
  })();
  return {
    async stop() {
      on = false;
      await loop;
      return count;
    },
  };
}

/** Jobs by what became of them, read on as more is said. */
class Jobs {
  readonly taken = new Set<string>();
  readonly refused = new Set<string>();
  readonly #open = new Set<string>();
  readonly #handled = new Map<string, number>();
  readonly #yard: Yard;
  #next = 0;

  constructor(yard: Yard) {
    this.#yard = yard;
  }

  /** Taken and not handled, as far as was said until now. */
  lost(): readonly string[] {
    for (; this.#next < this.#yard.heard.length; this.#next++) {
      const news = this.#yard.heard[this.#next]?.news;
      if (news?.is !== 'job') continue;
      if (news.what === 'refused') this.refused.add(news.id);
      if (news.what === 'taken') {
        this.taken.add(news.id);
        if (!this.#handled.has(news.id)) this.#open.add(news.id);
      }
      if (news.what === 'handled') {
        this.#handled.set(news.id, (this.#handled.get(news.id) ?? 0) + 1);
        this.#open.delete(news.id);
      }
    }
    return [...this.#open];
  }

  /** Waits for as long as there is progress. @returns what is lost */
  async settled(): Promise<readonly string[]> {
    let before = this.lost().length;
    for (let idle = 0; before > 0 && idle < IDLE_MS; idle += 100) {
      await sleep(100);
      const now = this.lost().length;
      if (now < before) idle = 0;
      before = now;
    }
    return this.lost();
  }

  get again(): number {
    return [...this.#handled.values()].filter((times) => times > 1).length;
  }
}

export const restarted: Row = {
  id: 'F13',
  title: 'the broker is killed and started again',
  async play({ open, expect, speed, say, long }) {
    const yard = await open();
    yard.load();
    const work = working(yard);
    await sleep(4_000);
    let calm = yard.stepRate(nowMs() - 3_000, nowMs());
    const changes: { slower: number; noise: number }[] = [];
    for (const downMs of long ? [1_000, 10_000, 60_000] : [1_000, 10_000]) {
      const goneMs = nowMs();
      await yard.broker.kill();
      await slowest(yard, false, goneMs, 10_000);
      await sleep(Math.max(0, downMs - (nowMs() - goneMs)));
      const during = yard.stepRate(goneMs, nowMs());
      await yard.broker.start();
      const backMs = nowMs();
      const back = await slowest(yard, true, backMs - 1_000, 10_000);
      say(
        `down for ${downMs} ms: every node was back ${Math.max(0, back - 1_000).toFixed(0)} ms after the broker was ready`,
      );
      await sleep(4_000);
      const after = yard.stepRate(nowMs() - 3_000, nowMs());
      changes.push({ slower: 1 - during / Math.min(calm, after), noise: Math.abs(after - calm) / calm });
      calm = after;
    }
    const given = await work.stop();
    const jobs = new Jobs(yard);
    const lost = await jobs.settled();
    const [taken, refused] = [jobs.taken.size, jobs.refused.size];
    expect(
      'no job that was taken is lost',
      lost.length === 0,
      `${lost.length} of ${taken} (${lost.slice(0, 5)})`,
    );
    say(`${jobs.again} jobs were handed out again, and changed nothing the second time`);
    expect('every job was taken or refused', taken + refused === given, `${taken} + ${refused} of ${given}`);
    await telemetryAddsUp(yard, changes.length, expect);
    const wrong = await yard.verdict();
    expect(
      'nothing acknowledged is lost, nothing done twice',
      wrong.length === 0,
      wrong.join('; ') || 'nothing',
    );
    // Two calm moments differ too on a machine that has other things to do: less than that cannot be told.
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    speed(
      'training is not slowed down (a loop beside the node)',
      changes.every(({ slower, noise }) => slower <= Math.max(0.01, noise)),
      changes
        .map(
          ({ slower, noise }) =>
            `${percent(Math.abs(slower))} ${slower > 0 ? 'slower' : 'faster'}, noise ${percent(noise)}`,
        )
        .join('; '),
    );
  },
};

/** What was published, what arrived and what was dropped and counted are one sum. */
async function telemetryAddsUp(
  yard: Yard,
  outages: number,
  expect: (what: string, holds: boolean, measured: string) => void,
) {
  const fromMs = nowMs();
  for (const name of NODES) yard.pilot(name).tell({ do: 'counters' });
  const all: Record<string, number> = {};
  for (const name of NODES) {
    await yard.until(
      `${name} counts`,
      5_000,
      ({ node, news }) => node === name && news.is === 'counters',
      fromMs,
    );
    const said = yard.heard.findLast(({ node, news }) => node === name && news.is === 'counters');
    const counters = said?.news.is === 'counters' ? said.news.counters : {};
    for (const [key, value] of Object.entries(counters)) all[key] = (all[key] ?? 0) + value;
  }
  const { jobsDead = 0 } = all;
  const reasons = Object.keys(all).filter((key) => key.startsWith('dead after'));
  expect('no job died of the outage', jobsDead === 0, `${jobsDead} ${reasons.join('; ')}`);
  const { telemetrySaid = 0, telemetryHeard = 0, telemetryDropped = 0 } = all;
  const open = telemetrySaid - telemetryHeard - telemetryDropped;
  expect(
    'telemetry that did not arrive was counted',
    open >= 0 && open <= UNDER_WAY * outages,
    `${telemetrySaid} said, ${telemetryHeard} heard, ${telemetryDropped} dropped and counted, ${open} under way when it went`,
  );
}

export const hung: Row = {
  id: 'F16',
  title: 'the broker hangs with its sockets open',
  async play({ open, expect, within, say }) {
    const yard = await open();
    yard.load();
    await sleep(3_000);
    const frozenMs = nowMs();
    yard.broker.freeze();
    const noticed = await slowest(yard, false, frozenMs, 20_000);
    await sleep(5_000);
    const thawedMs = nowMs();
    yard.broker.thaw();
    const back = await slowest(yard, true, thawedMs, 20_000);
    await sleep(5_000);
    const wrong = await yard.verdict();
    within('noticed', noticed, NOTICED_MS);
    expect(
      'nothing acknowledged is lost, nothing done twice',
      wrong.length === 0,
      wrong.join('; ') || 'nothing',
    );
    say(`every node was back ${back.toFixed(0)} ms after it went on; ${yard.acknowledged} orders`);
  },
};
