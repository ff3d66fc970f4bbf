/** Which lane a mailbox policy needs; the ordinary ones need none. */
import { encode, decode as unpack } from '../../contracts/codec.ts';
import { EsperError } from '../../contracts/failure.ts';
import { Asker } from './asker.ts';
import { CoalescingLane } from './coalescing-lane.ts';
import type { Kernel } from './kernel.ts';
import type { Lane, LaneHost } from './lane.ts';
import { type Item, Letter, messageOf, type Writing } from './letter.ts';
import type { MailboxOptions } from './mailbox-options.ts';
import type { Message } from './messages.ts';
import { NORMAL } from './priority.ts';
import { PriorityLane } from './priority-lane.ts';
import { type SpillCodec, SpillingLane } from './spilling-lane.ts';

/** @throws MAILBOX_NO_SPILL_STORE */
export function laneOf(
  options: MailboxOptions<never>,
  kernel: Kernel,
  host: LaneHost<Item>,
): Lane<Item> | null {
  const { capacity, whenFull } = options;
  if (whenFull === 'coalesce') {
    return new CoalescingLane(capacity, (item: Item) => options.key(messageOf(item) as never), host);
  }
  if (whenFull === 'spill') {
    if (kernel.spills === null) throw noStore(host.path);
    return new SpillingLane(capacity, kernel.spills.open(host.path, options.maxBytes), letters, host);
  }
  if (whenFull === 'park' || options.priorities === undefined) return null;
  const { priorities } = options;
  const classOf = (item: Item) => (item instanceof Letter ? item.priority : NORMAL);
  return new PriorityLane({ capacity, priorities }, classOf, kernel.clock, host);
}

/** A promise cannot be written down, so whoever asked waits in memory; so does what is not plain data. */
const letters: SpillCodec<Item> = {
  encode(item) {
    if (item instanceof Asker) return null;
    try {
      if (!(item instanceof Letter)) return encode([item]);
      const { message, priority, trace, from } = item;
      return encode([message, { priority, trace, from }]);
    } catch (thrown) {
      if (thrown instanceof EsperError && thrown.code === 'CODEC_UNENCODABLE') return null;
      throw thrown;
    }
  },
  decode(record) {
    const [message, writing] = unpack(record) as [Message, Writing?];
    return writing === undefined ? message : new Letter(message, writing);
  },
};

const noStore = (path: string) =>
  new EsperError(
    'MAILBOX_NO_SPILL_STORE',
    `${path} spills, and there is nowhere to spill to`,
    { path },
    { hint: 'Give the system a spill store, or the mailbox another policy.' },
  );
