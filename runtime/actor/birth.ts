/** What `fresh` may answer besides a state: "not now", or a state with a word for whoever started it by hand. */

/** The actor does not want to run now. That is no failure: its place stays empty until somebody starts it again. */
export const ignore: unique symbol = Symbol('ignore');

/** A state, and what whoever started the actor by hand should be told. */
export class Started<S> {
  constructor(
    readonly state: S,
    readonly info: unknown,
  ) {}
}

/** Begins with `state`; `info` is handed to whoever called `start` or `restart`, and to nobody else. */
export function started<S>(state: S, info: unknown): Started<S> {
  return new Started(state, info);
}

/** A stop came before the start was done: nobody was born. */
export const overtaken: unique symbol = Symbol('overtaken');

/** All that `fresh` may answer. */
export type Fresh<S> = S | typeof ignore | Started<S>;

/** How a start went, as an overseer hears it; undefined when there is nothing to tell. */
export type Birth = typeof ignore | typeof overtaken | Started<unknown> | undefined;
