/** Dead letters as people handle them: looked at, tried again under their own id, or thrown away. */
import type { BusDeadLetter } from '../../contracts/index.ts';

export interface KeptLetter {
  /** Its place: rises, and is how it is addressed. */
  readonly place: number;
  readonly letter: BusDeadLetter;
}

export interface DeadLetterStore {
  /** Oldest first, at most `limit`, from a place on. */
  list(options?: { readonly from?: number; readonly limit?: number }): Promise<readonly KeptLetter[]>;
  /** Nothing when it is not there any more. */
  inspect(place: number): Promise<KeptLetter | undefined>;
  /**
   * Tries letters again, for those whom they could not be delivered to, and takes them off the list.
   * @param which one place, or all, oldest first, at most `most` (default 100)
   * @returns how many were sent
   */
  replay(which: number | 'all', options?: { readonly most?: number }): Promise<number>;
  /** Throws all away. @returns how many there were */
  purge(): Promise<number>;
}

export const REPLAY_MOST = 100;
export const LIST_MOST = 100;
