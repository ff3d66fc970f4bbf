/** Bursts of messages and of questions, over when the last has been handled or answered. */
import { EsperError } from '../../contracts/index.ts';
import type { Ref } from '../../runtime/index.ts';
import { stopwatch } from '../sampling.ts';
import { BURST, type CounterMessage, type Tally } from './yard.ts';

/** Messages of a burst, and questions under way at a time. */
export const BURSTS = { tells: BURST, asks: 256 } as const;

const DEADLINE = { withinMs: 1_000 } as const;

/** @returns work that resolves with the milliseconds until all of them were handled */
export const burst =
  (tally: Tally, tell: () => unknown, tells: number = BURSTS.tells): (() => Promise<number>) =>
  () =>
    stopwatch(() => {
      const done = tally.expect(tells);
      for (let i = 0; i < tells; i++) void tell();
      return done;
    });

/** The same for questions with a deadline, each of whose answers is looked at. */
export const questions = (ref: Ref<CounterMessage>, asks: number = BURSTS.asks): (() => Promise<number>) =>
  answers((value) => ref.ask<number>({ type: 'echo', value }, DEADLINE), asks);

/** For any way to ask. @throws BENCH_WRONG_ANSWER */
export const answers =
  (ask: (value: number) => Promise<number>, asks: number = BURSTS.asks): (() => Promise<number>) =>
  () =>
    stopwatch(async () => {
      const pending: Promise<number>[] = [];
      for (let i = 0; i < asks; i++) pending.push(ask(i));
      checkSum(
        (await Promise.all(pending)).reduce((sum, value) => sum + value, 0),
        asks,
      );
    });

/** Of the answers to 0, 1, 2, ... @throws BENCH_WRONG_ANSWER */
export function checkSum(sum: number, asks: number): void {
  const expected = (asks * (asks - 1)) / 2;
  if (sum !== expected) throw new EsperError('BENCH_WRONG_ANSWER', `${sum} is not ${expected}`);
}
