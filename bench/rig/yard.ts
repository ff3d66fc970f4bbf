/** The smallest actors there are, so that what is measured is the runtime. */
import { accept, type Cx, defineActor, type Ref } from '../../runtime/index.ts';

/** Tells whoever waits when it has handled so many messages. */
export class Tally {
  #left = 0;
  #reached: () => void = () => {};

  expect(count: number): Promise<void> {
    this.#left = count;
    return new Promise((resolve) => {
      this.#reached = resolve;
    });
  }

  add(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#reached();
  }
}

export type CounterMessage =
  | { readonly type: 'count' }
  | { readonly type: 'echo'; readonly value: number }
  | { readonly type: 'crash' };

/** A mailbox wide enough for a burst. */
export const BURST = 4096;

export const counter = defineActor<Tally, CounterMessage, never, Tally>({
  name: 'counter',
  mailbox: { capacity: 2 * BURST, whenFull: 'refuse' },
  fresh: (_, tally) => tally,
  decide: {
    count: (tally) => {
      tally.add();
      return accept();
    },
    echo: (_, { value }) => accept(value),
    crash: () => {
      throw new Error('told to');
    },
  },
});

/** A child that does nothing but live: both ends of its life are counted. */
const mayfly = defineActor<Tally, { readonly type: 'nothing' }, never, Tally>({
  name: 'mayfly',
  light: true,
  fresh: (_, lives) => lives,
  decide: { nothing: () => accept() },
  stopped: (lives) => lives.add(),
});

export type PondMessage =
  | { readonly type: 'hatch'; readonly count: number }
  | { readonly type: 'settle'; readonly count: number };

/** Starts children, and stops each at once or keeps them. */
export const pond = defineActor<Tally, PondMessage, never, Tally>({
  name: 'pond',
  fresh: (_, lives) => lives,
  decide: {
    hatch: (lives, { count }, cx: Cx<PondMessage>) => {
      const children = cx.children();
      for (let i = 0; i < count; i++) {
        children.start(mayfly, { id: 'mayfly', args: lives });
        children.stop('mayfly');
      }
      return accept();
    },
    settle: (lives, { count }, cx: Cx<PondMessage>) => {
      const children = cx.children();
      for (let i = 0; i < count; i++) children.start(mayfly, { id: `mayfly-${i}`, args: lives });
      return accept();
    },
  },
});

export interface PaddleMessage {
  readonly type: 'ball';
  /** Hops to go. */
  readonly left: number;
  readonly to: string;
  readonly back: string;
}

/** Hits the ball back until it has flown often enough. */
export const paddle = defineActor<Match, PaddleMessage, never, Tally>({
  name: 'paddle',
  fresh: (_, over) => ({ over, opponent: null }),
  decide: {
    ball: (match, { left, to, back }, cx) => {
      match.opponent ??= cx.ref<PaddleMessage>(to);
      if (left === 0) match.over.add();
      else match.opponent.send({ type: 'ball', left: left - 1, to: back, back: to });
      return accept();
    },
  },
});

interface Match {
  readonly over: Tally;
  opponent: Ref<PaddleMessage> | null;
}
