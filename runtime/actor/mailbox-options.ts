/** How a mailbox behaves when more comes than is handled. Declared, so that nothing is lost by accident. */
import type { Message } from './messages.ts';
import { PRIORITIES } from './priority.ts';

/** Five classes with ageing. Per-sender order holds within a class. */
export interface PriorityOptions {
  /** Messages of each class held at most, emergency first; what is left out may fill the whole mailbox. */
  readonly quotas?: readonly number[];
  /** A waiting message rises a class each so many milliseconds: no class waits for ever. */
  readonly ageMs: number;
}

interface Bounded {
  /** User messages held at most. */
  readonly capacity: number;
}

/** Says no at once. With priorities, the least urgent message that waits gives way to a more urgent one. */
export interface RefusingMailbox extends Bounded {
  readonly whenFull: 'refuse';
  readonly priorities?: PriorityOptions;
}

/** Lets as many asks again wait outside for room; a tell is refused. */
export interface ParkingMailbox extends Bounded {
  readonly whenFull: 'park';
}

/** Of messages with one key only the newest waits, in the place of the oldest. No key: refused when full. */
export interface CoalescingMailbox<M> extends Bounded {
  readonly whenFull: 'coalesce';
  key(message: M): string | number | undefined;
}

/** What does not fit is kept outside, in the system's spill store, and comes back in order. Asks wait in memory. */
export interface SpillingMailbox extends Bounded {
  readonly whenFull: 'spill';
  /** Bytes kept outside at most; beyond it a message is refused. */
  readonly maxBytes: number;
}

export type MailboxOptions<M = Message> =
  | RefusingMailbox
  | ParkingMailbox
  | CoalescingMailbox<M>
  | SpillingMailbox;

/** What a definition that says nothing gets. */
export const ROOMY: RefusingMailbox = Object.freeze({ capacity: 256, whenFull: 'refuse' });

/** What is wrong with a mailbox, or null. @param rollback its actor can go back in time */
export function problemOfMailbox(options: MailboxOptions<never>, rollback: boolean): string | null {
  if (!isWhole(options.capacity)) return 'capacity is a whole number from 1';
  switch (options.whenFull) {
    case 'refuse':
      return options.priorities === undefined ? null : problemOfPriorities(options.priorities);
    case 'park':
      return null;
    case 'coalesce':
      return typeof options.key === 'function'
        ? null
        : 'coalesce needs key, which names what a message replaces';
    case 'spill':
      if (rollback) return 'what has been spilled cannot go back in time with its group';
      return isWhole(options.maxBytes) ? null : 'maxBytes is a whole number from 1';
    default:
      return 'whenFull is refuse, park, coalesce or spill';
  }
}

function problemOfPriorities({ quotas, ageMs }: PriorityOptions): string | null {
  if (!(ageMs > 0 && ageMs < 2 ** 31)) return 'ageMs is milliseconds above 0';
  if (quotas === undefined) return null;
  const good = quotas.length <= PRIORITIES.length && quotas.every(isWhole);
  return good ? null : 'quotas are at most five whole numbers from 1, emergency first';
}

const isWhole = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1;
