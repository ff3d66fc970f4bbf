/** Faults of the roads: cut both ways, cut one way; the lonely side stops, and all is well soon after the road is back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground } from '../ground.ts';
import { nowMs } from '../real-life.ts';
import { NODES } from '../yard.ts';
import { clerkElsewhere, clerkThere, looksGone, overlapMs } from './nodes.ts';
import type { Row, RowWorld } from './row.ts';

const CONVERGED_MS = 10_000;

type Break = (ground: Ground, node: string) => void;

/** @param lastMs how long each partition lasts */
async function partitions(
  { open, ground, expect, within, say }: RowWorld,
  breaks: readonly (readonly [name: string, act: Break])[],
  lastMs: readonly number[],
) {
  const yard = await open();
  yard.load();
  const healed: number[] = [];
  for (const [name, act] of breaks) {
    for (const ms of lastMs) {
      const victim = await clerkThere(yard);
      const atMs = nowMs();
      act(ground, victim);
      if (ms > 8_000) await clerkElsewhere(yard, victim, { withinMs: ms + 5_000, atMs });
      const missed = ms > 3_500 ? await yard.until(`${name}: missed`, 10_000, looksGone(victim), atMs) : 0;
      await sleep(Math.max(0, ms - (nowMs() - atMs)));
      const mendedMs = nowMs();
      ground.mend(victim);
      const back = NODES.filter((node) => node !== victim).map((node) =>
        ms > 3_500
          ? yard.until(
              `${node} sees ${victim} again`,
              30_000,
              (heard) =>
                heard.node === node &&
                heard.news.is === 'peer' &&
                heard.news.node === victim &&
                heard.news.state === 'up',
              mendedMs,
            )
          : 0,
      );
      healed.push(Math.max(...(await Promise.all(back))));
      say(
        `${name} for ${ms} ms: missed after ${missed.toFixed(0)} ms, back after ${healed.at(-1)?.toFixed(0)} ms`,
      );
    }
  }
  const wrong = await yard.verdict();
  const slowest = Math.max(...healed);
  expect('no double owner', overlapMs(yard) === 0, `${overlapMs(yard).toFixed(0)} ms of overlap`);
  within('converged after healing', slowest, CONVERGED_MS);
  expect(
    'nothing acknowledged is lost, nothing done twice',
    wrong.length === 0,
    wrong.join('; ') || 'nothing',
  );
  say(`${yard.acknowledged} orders`);
}

export const symmetric: Row = {
  id: 'F14',
  title: 'a node is cut off, both ways',
  roads: true,
  play: (world) =>
    partitions(
      world,
      [['cut', (ground, node) => ground.cut(node)]],
      world.long ? [5_000, 30_000, 120_000] : [5_000, 12_000],
    ),
};

export const oneWay: Row = {
  id: 'F15',
  title: 'a node is cut off, one way',
  roads: true,
  play: (world) =>
    partitions(
      world,
      [
        ['mute', (ground, node) => ground.mute(node)],
        ['deaf', (ground, node) => ground.deafen(node)],
      ],
      world.long ? [5_000, 30_000, 120_000] : [12_000],
    ),
};
