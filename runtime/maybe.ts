/** Work that is usually done at once and sometimes later: no promise is made when none is needed. */
import type { Clock } from './ports/clock.ts';

export type Maybe<T> = T | Promise<T>;

export function isPromise<T>(value: Maybe<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && typeof (value as Promise<T>).then === 'function';
}

/** Goes on with `next` now, or when `value` is there. */
export function andThen<T, U>(value: Maybe<T>, next: (value: T) => Maybe<U>): Maybe<U> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** One after the other; stays synchronous for as long as `step` does. */
export function inOrder<T>(items: readonly T[], step: (item: T) => Maybe<void>): Maybe<void> {
  for (let i = 0; i < items.length; i++) {
    const done = step(items[i] as T);
    if (isPromise(done)) return rest(items, i + 1, step, done);
  }
}

async function rest<T>(
  items: readonly T[],
  from: number,
  step: (item: T) => Maybe<void>,
  before: Promise<void>,
): Promise<void> {
  await before;
  for (let i = from; i < items.length; i++) {
    const done = step(items[i] as T);
    if (isPromise(done)) await done;
  }
}

/** All at the same time; a promise only when one of them makes one. */
export function together<T>(items: Iterable<T>, step: (item: T) => Maybe<void>): Maybe<void> {
  let waiting: Promise<void>[] | null = null;
  for (const item of items) {
    const done = step(item);
    if (!isPromise(done)) continue;
    waiting ??= [];
    waiting.push(done);
  }
  if (waiting !== null) return Promise.all(waiting).then(() => {});
}

/**
 * True when `work` was done within `ms`; false when waiting for it ended first. Infinity waits without a timer.
 * @param impatient is given what ends the wait at once
 */
export function within(
  clock: Clock,
  ms: number,
  work: Maybe<void>,
  impatient: (giveUp: () => void) => void = () => {},
): Maybe<boolean> {
  if (!isPromise(work)) return true;
  return new Promise<boolean>((resolve, reject) => {
    const cancel = Number.isFinite(ms) ? clock.after(ms, () => resolve(false)) : () => {};
    impatient(() => {
      cancel();
      resolve(false);
    });
    work.then(() => resolve(true), reject).finally(cancel);
  });
}

/**
 * Ends as `work` does, fails with what `late` makes after `ms`, or ends with `instead` as soon as it is abandoned:
 * whichever is first. What `work` does later goes unheard.
 */
export function abandonable<T>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
  late: () => Error,
  instead: T,
): { readonly over: Promise<T>; abandon(): void } {
  let abandon = () => {};
  const over = new Promise<T>((resolve, reject) => {
    const cancel = Number.isFinite(ms) ? clock.after(ms, () => reject(late())) : () => {};
    abandon = () => {
      cancel();
      resolve(instead);
    };
    void work.then(resolve, reject).finally(cancel);
  });
  return { over, abandon: () => abandon() };
}

/** Resolves when so much time has passed. */
export const passed = (clock: Clock, ms: number) =>
  new Promise<void>((resolve) => void clock.after(ms, resolve));
