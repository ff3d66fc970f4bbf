/** The other side of a host: what the code inside the thread holds on to. */
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Seat } from '../ports/threads.ts';
import { READY_TOPIC } from './host.ts';
import { type Link, WireLink } from './link.ts';

export interface JoinedHost {
  readonly name: string;
  /** A copy of what `startHost` was given, unchecked. */
  readonly data: unknown;
  /** Reaches whoever started the thread. */
  readonly link: Link;
  /** All handlers are set: what arrived so far is let in, and the starter hears of it. */
  ready(): void;
}

/** Call once, at the start of the thread's module. */
export function joinHost({ seat, clock, log }: { seat: Seat; clock: Clock; log: Log }): JoinedHost {
  const link = new WireLink(seat.wire, { host: seat.name, clock, log });
  return {
    name: seat.name,
    data: seat.data,
    link,
    ready() {
      link.open();
      link.publish(READY_TOPIC, null);
    },
  };
}
