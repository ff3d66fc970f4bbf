/** The same counter as an XState actor: a peer without mailboxes, for whoever thinks of using one as an actor system. */
import { createActor, fromTransition } from 'xstate';
import type { Tally } from './yard.ts';

export interface XstatePeer {
  tell(): void;
  /** Makes an actor and stops it. */
  hatch(): void;
  close(): void;
}

export function xstatePeer(tally: Tally): XstatePeer {
  const logic = fromTransition((count: number, _event: { readonly type: 'count' }) => {
    tally.add();
    return count + 1;
  }, 0);
  const actor = createActor(logic).start();
  return {
    tell: () => actor.send({ type: 'count' }),
    hatch: () => void createActor(logic).start().stop(),
    close: () => void actor.stop(),
  };
}
