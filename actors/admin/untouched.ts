/** Marks what a command failed with when it is certain that nothing was changed: it may be given again as if for the first time. */
const marked = new WeakSet<Error>();

/** The same error, marked. */
export function untouched<E extends Error>(error: E): E {
  marked.add(error);
  return error;
}

export const isUntouched = (thrown: unknown): boolean => thrown instanceof Error && marked.has(thrown);

/** An error in other words, marked if the first one is. */
export const inOtherWords = <E extends Error>(first: Error, error: E): E =>
  isUntouched(first) ? untouched(error) : error;
