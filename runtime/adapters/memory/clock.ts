/** A clock that moves only when a test moves it, and fires what is due in the same order every time. */
import assert from 'node:assert/strict';
import type { Clock } from '../../ports/clock.ts';
import { quiet } from './quiet.ts';

export interface MemoryClock extends Clock {
  /**
   * Moves time forward, firing each timer at its own moment and settling after each.
   * @param ms milliseconds, 0 or more
   */
  advance(ms: number): Promise<void>;
  /** Lets promises and the `soon` queue run until both are quiet. Time stands still. */
  settle(): Promise<void>;
  /** Moves the wall clock alone by `ms`, back or forth, as an operator or a time server would. */
  jumpWall(ms: number): void;
  /** Timers armed and not yet fired or cancelled: zero after a clean stop. */
  readonly armed: number;
}

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/** A `soon` queue that refills itself this often without end is a loop, not a queue. */
const SOON_LIMIT = 1_000_000;

/** @param options `wallMs`: UTC milliseconds at monotonic zero */
export function memoryClock(options: { wallMs?: number } = {}): MemoryClock {
  const timers = new Set<Timer>();
  const queue: (() => void)[] = [];
  let now = 0;
  let wall = options.wallMs ?? Date.UTC(2026, 0, 1);
  let order = 0;

  async function settle(): Promise<void> {
    for (let ran = 0; ; ran++) {
      await quiet();
      const fire = queue.shift();
      if (!fire) return;
      assert(ran < SOON_LIMIT, 'the soon queue never empties');
      fire();
    }
  }

  return {
    nowMs: () => now,
    wallMs: () => wall + now,
    after(delayMs, fire) {
      const timer = { atMs: now + Math.max(0, delayMs), order: order++, fire };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    soon: (fire) => void queue.push(fire),
    settle,
    async advance(ms) {
      assert(ms >= 0, 'time does not run backwards');
      const until = now + ms;
      await settle();
      for (let due = earliest(timers, until); due; due = earliest(timers, until)) {
        timers.delete(due);
        now = due.atMs;
        due.fire();
        await settle();
      }
      now = until;
    },
    jumpWall(ms) {
      wall += ms;
    },
    get armed() {
      return timers.size;
    },
  };
}

function earliest(timers: ReadonlySet<Timer>, until: number): Timer | undefined {
  let first: Timer | undefined;
  for (const timer of timers) {
    if (timer.atMs > until) continue;
    if (!first || timer.atMs < first.atMs || (timer.atMs === first.atMs && timer.order < first.order)) {
      first = timer;
    }
  }
  return first;
}
