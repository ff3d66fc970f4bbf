/** A clerk of whom there is one, and a ledger that takes nothing from a clerk of the past. */
import { type ActorDefinition, accept, refuse, remotePath } from '../../../runtime/index.ts';
import type { Held } from '../../../runtime/remote/index.ts';
import { codeOf } from '../support.ts';
import { type ActingLife, LOAD_MS } from './customers.ts';

/** Two that act at once for longer than this are two too many. */
const GRACE_MS = 60;

export interface LedgerState {
  /** Of the clerks whose entries were taken, in order. */
  readonly epochs: readonly number[];
}
export type LedgerMessage = { readonly type: 'enter'; readonly epoch: number } | { readonly type: 'look' };

export function ledger(
  life: ActingLife,
): ActorDefinition<LedgerState, LedgerMessage, { readonly epoch: number }> {
  return {
    name: 'ledger',
    fresh: () => ({ epochs: [] }),
    decide: {
      enter: ({ epochs }, { epoch }) => {
        if (epoch >= (epochs.at(-1) ?? 0)) return accept('entered', { epoch });
        life.sometimes('an old clerk was refused');
        return refuse('STALE_EPOCH', { epoch });
      },
      look: (state) => accept(state),
    },
    evolve: ({ epochs }, { epoch }) => ({ epochs: [...epochs, epoch] }),
    durable: { version: 1 },
  };
}

interface Acting {
  readonly life: ActingLife;
  readonly epoch: number;
}
const acting = new WeakMap<object, Set<Acting>>();

/** Does anybody alive act as the clerk of this world? */
export const clerkIsThere = (world: object): boolean =>
  [...(acting.get(world) ?? [])].some(({ life }) => life.alive);

export function clerk(
  life: ActingLife,
  world: object,
): ActorDefinition<Acting, { type: 'work' }, never, Held> {
  const all = acting.get(world) ?? new Set();
  acting.set(world, all);
  const entry = remotePath('n1', 'esper/ledger');
  return {
    name: 'clerk',
    fresh: (cx, held) => {
      const me = { life, epoch: held.epoch };
      const others = [...all].filter((one) => one.life !== life);
      if (others.length > 0) life.sometimes('the clerk was on another node');
      all.add(me);
      life.note({ kind: 'owner', of: 'clerk', epoch: held.epoch, acts: true });
      life.ports.clock.after(GRACE_MS, () => {
        const two = others.find((one) => all.has(one) && all.has(me) && one.life.alive && !one.life.paused);
        life.always('one clerk acts at a time', two === undefined, `${two?.epoch} beside ${me.epoch}`);
      });
      cx.after(0, { type: 'work' });
      return me;
    },
    decide: {
      work: (me, _message, cx) => {
        cx.ref<LedgerMessage>(entry)
          .ask({ type: 'enter', epoch: me.epoch }, { withinMs: 400 })
          .catch((error) => life.sometimes(`an entry failed: ${codeOf(error)}`));
        if (life.worldMs() < LOAD_MS) cx.after(100, { type: 'work' });
        return accept();
      },
    },
    stopped: (me) => {
      all.delete(me);
      life.note({ kind: 'owner', of: 'clerk', epoch: me.epoch, acts: false });
    },
  };
}
