/** The door of a unit that lives in a thread: what is sent to the unit by name goes in, answers and refusals come out. */

import { seated } from '../../actors/tree.ts';
import { EsperError } from '../../contracts/index.ts';
import type { HostHandle } from '../../runtime/host/host.ts';
import type { Link } from '../../runtime/host/link.ts';
import type { ChildSpec, Decision, Message, Ref } from '../../runtime/index.ts';
import { accept, defineActor, refuse } from '../../runtime/local.ts';
import { UNIT, UnitAnswer, type UnitMail, UnitState, worded } from '../hosts/unit-words.ts';

/** Milliseconds beyond its own limit that an answer may take to cross back. */
const CROSSING_MS = 250;

const answered = worded(UnitAnswer, UNIT.mail);
const state = worded(UnitState, UNIT.take);

/** Says that the state is wanted by this node's own agent: a symbol crosses no network. */
const KEY = Symbol('own agent');

interface StateTaken {
  readonly type: 'unit.state.taken';
  readonly key: typeof KEY;
  readonly withinMs: number;
}

/** One message at a time, in the order they came in. @param host the thread's present life; null while there is none */
export function threadDoor(host: () => HostHandle | null): ChildSpec {
  return seated([
    defineActor<Link, StateTaken>({
      name: 'door',
      fresh: () => linkOf(host()),
      decide: {
        'unit.state.taken': async (link, { key, withinMs }) =>
          key === KEY ? taken(link, withinMs) : refuse('UNIT_NOT_YOURS'),
      },
      otherwise: (link, message, cx) => passOn(link, message, cx.deadlineMs()),
    }),
    undefined,
  ]);
}

/**
 * Asks a door for the state of those behind it, after everything that was sent to them by name before. They hear nothing
 * from the bus any more once they have answered, and hear again when this fails.
 */
export const takeThrough = (door: Ref<Message>, withinMs: number): Promise<unknown> =>
  (door as Ref<StateTaken>).ask({ type: 'unit.state.taken', key: KEY, withinMs }, { withinMs });

async function taken(link: Link, withinMs: number): Promise<Decision<never>> {
  try {
    return accept(state(await link.request(UNIT.take, { withinMs }, { withinMs })));
  } catch (thrown) {
    link.publish(UNIT.keep, null);
    return refusedBy(thrown);
  }
}

async function passOn(link: Link, message: Message, leftMs: number | null): Promise<Decision<never>> {
  const mail = { message, leftMs } satisfies UnitMail;
  // Whoever asked has given up.
  if (leftMs === 0) return accept();
  if (leftMs === null) {
    link.publish(UNIT.mail, mail);
    return accept();
  }
  try {
    const said = answered(await link.request(UNIT.mail, mail, { withinMs: leftMs + CROSSING_MS }));
    return 'refused' in said ? refuse(said.refused, said.details) : accept(said.answer);
  } catch (thrown) {
    return refusedBy(thrown);
  }
}

/** Too late and not understood are answers; a thread that is gone is a crash. */
function refusedBy(thrown: unknown): Decision<never> {
  const { code, message } = thrown as { readonly code?: string; readonly message: string };
  if (code === undefined || code === 'HOST_GONE') throw thrown;
  return refuse(code, { message });
}

function linkOf(host: HostHandle | null): Link {
  if (host !== null) return host.link;
  throw new EsperError('HOST_GONE', 'the thread of this unit is not up', {}, { retryable: true });
}
