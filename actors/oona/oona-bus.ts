/** What Oona needs of a bus beyond saying and hearing: numbers, and what could not be delivered. */
import type { Bus } from '../../runtime/index.ts';
import type { DeadLetter } from './bus.ts';
import type { BusCounters } from './counters.ts';

export interface OonaBus extends Bus {
  /** Of the copies for subscribers on this node. */
  counters(): BusCounters;
  /** The newest of this node, oldest first. */
  deadLetters(): readonly DeadLetter[];
  close(): void;
}
