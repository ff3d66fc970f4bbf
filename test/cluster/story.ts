/** What nodes said around a moment after which something did not happen, so that a run that failed once tells why. */
import { indented } from './last-words.ts';
import { nowMs } from './real-life.ts';
import type { News } from './words.ts';
import type { Yard } from './yard.ts';

/** Milliseconds before the moment that belong to its story. */
const BEFORE_MS = 20_000;

/** @param fromMs the moment, by the clock of all processes */
export function story({ heard, pilots }: Pick<Yard, 'heard' | 'pilots'>, fromMs: number): string {
  const told = heard.flatMap(({ node, life, news }) => {
    const words = wordsOf(news);
    if (words === null || !('atMs' in news) || news.atMs < fromMs - BEFORE_MS) return [];
    return [`${(news.atMs - fromMs).toFixed(0).padStart(7)} ms  ${node}, life ${life}: ${words}`];
  });
  const nodes = [...pilots.values()].flatMap(({ name, runs, words }) => [
    `${name} ${runs ? 'runs' : 'does not run'}; the last of its log:`,
    ...indented(words?.log ?? []),
  ]);
  return [`now: ${(nowMs() - fromMs).toFixed(0)} ms after it began`, ...told, ...nodes].join('\n');
}

/** Orders, letters and steps are many and tell nothing of who is there. */
function wordsOf(news: News): string | null {
  if (news.is === 'peer') return `${news.node} in epoch ${news.epoch} is ${news.state}`;
  if (news.is === 'broker') return `the broker is ${news.connected ? 'there' : 'gone'}`;
  if (news.is === 'replaced') return 'is out';
  if (news.is === 'register') return `the register begins, epoch ${news.epoch}`;
  if (news.is !== 'note' || news.event.kind !== 'owner') return null;
  const { of, epoch, acts } = news.event;
  return `${acts ? 'begins' : 'ends'} as ${of}, epoch ${epoch}`;
}
