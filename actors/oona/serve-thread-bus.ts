/** The node's side of a thread's bus: subscribes on its behalf, and takes back what the thread did not settle. */
import type { Static, TSchema } from '@sinclair/typebox';
import {
  BusBodySchema,
  EsperError,
  ThreadAsked,
  ThreadSaid,
  type ThreadTaken,
  ThreadUnwish,
  ThreadWish,
  toFailure,
} from '../../contracts/index.ts';
import { type Checker, checkerOf } from '../../runtime/checker.ts';
import type { Link } from '../../runtime/host/link.ts';
import type { Bus, BusMessage } from '../../runtime/index.ts';
import { unanswerable } from './errors.ts';
import { HANDED, THREAD } from './thread-topics.ts';

/** Milliseconds after which a message in a thread counts as forgotten, and is tried again. */
const SETTLE_WITHIN_MS = 600_000;
const ANSWER_WITHIN_MS = 60_000;

const said = checkerOf(ThreadSaid);
const wish = checkerOf(ThreadWish);
const unwish = checkerOf(ThreadUnwish);
const asked = checkerOf(ThreadAsked);
const answered = checkerOf(BusBodySchema);

/**
 * Serves one thread, in the turn in which it is started.
 * @returns ends it: call it when the thread is gone. What it had not settled goes back to whoever keeps it.
 */
export function serveThreadBus(link: Link, bus: Bus): () => void {
  const wishes = new Map<number, () => void>();
  const leave = (number: number) => {
    wishes.get(number)?.();
    wishes.delete(number);
  };
  const hand = async (topic: string, number: number, message: BusMessage, withinMs: number) => {
    try {
      return await link.request(topic, { number, message }, { withinMs });
    } catch (thrown) {
      // Before the failure is counted: a thread that is gone had no try.
      if (thrown instanceof EsperError && thrown.code === 'HOST_GONE') end();
      throw thrown;
    }
  };
  const unhandle = [
    link.handle(THREAD.said, (body) => takeAll(bus, checked(said, body).said)),
    link.handle(THREAD.subscribe, (body) => {
      const { number, pattern, atOnce: _, ...options } = checked(wish, body);
      leave(number);
      const hear = async (message: BusMessage) =>
        void (await hand(THREAD.heard, number, message, SETTLE_WITHIN_MS));
      wishes.set(number, bus.subscribe(pattern, hear, { ...options, atOnce: HANDED }));
    }),
    link.handle(THREAD.respond, (body) => {
      const { number, pattern, queue } = checked(wish, body);
      leave(number);
      const answer = async (question: BusMessage) => {
        const said = await hand(THREAD.question, number, question, ANSWER_WITHIN_MS);
        if (!answered.check(said)) throw unanswerable(question.topic, 'the answer is no message');
        return said;
      };
      wishes.set(number, bus.respond(pattern, answer, queue === undefined ? {} : { queue }));
    }),
    link.handle(THREAD.leave, (body) => leave(checked(unwish, body).number)),
    link.handle(THREAD.asked, (body) => {
      const { topic, body: question, withinMs } = checked(asked, body);
      return bus.request(topic, question, { withinMs });
    }),
  ];
  const end = () => {
    for (const number of [...wishes.keys()]) leave(number);
    for (const one of unhandle.splice(0)) one();
  };
  return end;
}

/** One that the bus will never carry does not keep the others back: the thread hears which, and why. */
function takeAll(bus: Bus, all: ThreadSaid['said']): ThreadTaken {
  const taken: ThreadTaken = { full: [], never: [] };
  for (const [place, { topic, body, ...options }] of all.entries()) {
    try {
      if (!bus.publish(topic, body, options)) taken.full.push(place);
    } catch (thrown) {
      const { code, message } = toFailure(thrown);
      taken.never.push({ place, code, message });
    }
  }
  return taken;
}

function checked<T extends TSchema>(checker: Checker<T>, body: unknown): Static<T> {
  if (checker.check(body)) return body;
  const error = checker.firstError(body);
  throw new EsperError(
    'OONA_BAD_WISH',
    `a thread said what the bus does not understand`,
    { ...error },
    {
      hint: 'both sides must come from the same version',
    },
  );
}
