/** The same little actors on nact, as it is meant to be used: the peer. */
import { dispatch, query, spawn, spawnStateless, start, stop } from 'nact';
import type { Tally } from './yard.ts';

export interface NactPeer {
  tell(): void;
  echo(value: number): Promise<number>;
  /** Makes a child and stops it. */
  hatch(): void;
  close(): void;
}

/** A question as nact asks it: the sender's address travels in the message. */
interface Question {
  readonly sender: Parameters<typeof dispatch>[0];
  readonly value: number;
}

export function nactPeer(tally: Tally): NactPeer {
  const system = start();
  const counter = spawn(
    system,
    (state: number) => {
      tally.add();
      return state + 1;
    },
    'counter',
    { initialState: 0 },
  );
  const echo = spawnStateless(
    system,
    ({ sender, value }: Question) => void dispatch(sender, value as never),
    'echo',
  );
  let made = 0;
  return {
    tell: () => dispatch(counter, null as never),
    echo: (value) => query(echo, (sender) => ({ sender, value }) as never, 1_000) as Promise<number>,
    hatch: () => stop(spawn(system, (state: number) => state, `mayfly-${made++}`, { initialState: 0 })),
    close: () => stop(system),
  };
}
