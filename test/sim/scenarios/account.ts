/** An account that pays others by message, in a group that goes back in time together. */
import { type ActorDefinition, accept, type Cx, refuse } from '../../../runtime/index.ts';
import type { Life } from '../../../runtime/simulation/index.ts';
import type { SimEvent } from '../events.ts';
import { oneOf, sleep } from '../support.ts';
import type { Books } from './books.ts';

export const NAMES = ['ann', 'bob', 'cid', 'dee'] as const;
export type Name = (typeof NAMES)[number];
export const OPENING = 1_000;
export const GROUP = 'town/bank';

/** What becomes of the handler of a payment. */
export const MOODS = ['fine', 'fine', 'fine', 'fine', 'slow', 'before', 'after', 'poison', 'regret'] as const;
export type Mood = (typeof MOODS)[number];

export interface AccountState {
  readonly balance: number;
  /** Payments to each other account so far. */
  readonly sent: Readonly<Partial<Record<Name, number>>>;
}
export interface Pay {
  readonly type: 'pay';
  readonly id: string;
  readonly to: Name;
  readonly amount: number;
  readonly mood: Mood;
}
interface Take {
  readonly type: 'take';
  readonly id: string;
  readonly amount: number;
  /** Who sent it, in which of its eras, and the how manieth of that one. */
  readonly from: string;
  readonly n: number;
  readonly fall: boolean;
}
export type AccountMessage =
  | Pay
  | Take
  | { readonly type: 'look' }
  | { readonly type: 'compare' }
  | { readonly type: 'noted' }
  | { readonly type: 'fall' };

type Event =
  | { readonly kind: 'paid'; readonly to: Name; readonly amount: number; readonly n: number }
  | { readonly kind: 'took'; readonly take: Take };

interface Saved extends AccountState {
  /** Names the copy: no two have the same. */
  readonly mark: string;
  rot: boolean;
}

const wordsOf = ({ balance, sent }: AccountState): string => JSON.stringify([balance, sent]);
const pathOf = (name: Name) => `${GROUP}/${name}`;

export function account(
  life: Life<SimEvent>,
  name: Name,
  books: Books,
): ActorDefinition<AccountState, AccountMessage, Event> {
  const random = life.ports.random.split(name);
  const { clock } = life.ports;
  /** Each return to an earlier time begins another era, in which counts may come again. */
  let era = 0;

  const pay = ({ balance, sent }: AccountState, { id, to, amount, mood }: Pay, cx: Cx<AccountMessage>) => {
    if (mood === 'poison') throw new Error('nobody can pay this');
    if (mood === 'before' && books.firstTime(id)) throw new Error('fell before it paid');
    if (mood === 'regret') {
      if (books.firstTime(id)) cx.rollback('regret');
      return accept();
    }
    if (balance < amount) return refuse('NOT_ENOUGH', { balance, amount });
    const n = (sent[to] ?? 0) + 1;
    const take: Take = { type: 'take', id, amount, from: `${name}.${era}`, n, fall: random.below(20) === 0 };
    if (!cx.ref<AccountMessage>(pathOf(to)).send(take)) return refuse('FULL', { to });
    if (mood === 'after' && books.firstTime(id)) throw new Error('fell after it paid');
    return accept('paid', { kind: 'paid', to, amount, n } as const);
  };
  const payLater = async (state: AccountState, message: Pay, cx: Cx<AccountMessage>) => {
    const { signal } = cx;
    await sleep(clock, random.below(60));
    // What an older life sends does arrive: a handler that has waited looks whether it still counts.
    return signal.aborted ? refuse('TOO_LATE') : pay(state, message, cx);
  };

  return {
    name,
    mailbox: { capacity: oneOf(random, [4, 64]), whenFull: oneOf(random, ['refuse', 'park'] as const) },
    fresh: () => {
      era++;
      return { balance: OPENING, sent: {} };
    },
    decide: {
      pay: (state, message, cx) => (message.mood === 'slow' ? payLater : pay)(state, message, cx),
      take: (_state, take) => {
        if (take.fall && books.firstTime(`take ${take.id}`)) throw new Error('fell while it took');
        return accept(undefined, { kind: 'took', take } as const);
      },
      look: (state) => accept(state),
      compare: (_state, _message, cx) => {
        const other = cx.ref<AccountMessage>(pathOf(oneOf(random, NAMES)));
        const over = () => ({ type: 'noted' }) as const;
        cx.job('compare', () => other.ask({ type: 'look' }, { withinMs: 80 }).then(over, over));
        return accept();
      },
      noted: () => accept(),
      fall: () => {
        throw new Error('fell');
      },
    },
    evolve: ({ balance, sent }, event) => {
      if (event.kind === 'paid')
        return { balance: balance - event.amount, sent: { ...sent, [event.to]: event.n } };
      const { from, n, amount } = event.take;
      life.note({ kind: 'received', by: `${name}.${life.node.epoch}.${era}`, from, n });
      return { balance: balance + amount, sent };
    },
    rollback: {
      capture: (state): Saved => {
        const mark = books.captured(name);
        life.note({ kind: 'captured', checkpoint: mark, digest: wordsOf(state) });
        return { ...state, mark, rot: false };
      },
      restore: (_state, saved) => {
        if (books.spoiled(name)) throw new Error('this copy cannot be put back today');
        const { balance, sent, mark } = saved as Saved;
        era++;
        books.restored(name, mark);
        life.note({ kind: 'rolled_back', checkpoint: mark, digest: wordsOf({ balance, sent }) });
        return { balance, sent };
      },
      release: () => {},
      digest: (saved) => (books.rots(name, saved) ? 'rotten' : wordsOf(saved as Saved)),
    },
  };
}
