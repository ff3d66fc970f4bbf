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
  for (const [i, item] of items.entries()) {
    const done = step(item);
    if (isPromise(done)) return done.then(() => inOrder(items.slice(i + 1), step));
  }
}

/** True when `work` was done within `ms`; false when waiting for it ended first. */
export function within(clock: Clock, ms: number, work: Maybe<void>): Maybe<boolean> {
  if (!isPromise(work)) return true;
  return new Promise<boolean>((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(false));
    work.then(() => resolve(true), reject).finally(cancel);
  });
}
