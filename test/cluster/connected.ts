/** A first connection on a machine that may stand still while it is made. */
import { EsperError } from '../../contracts/failure.ts';

const MOST_TRIES = 5;

/** Tries again what says of itself that it may be tried again. @throws what the last try threw */
export async function connected<T>(open: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await open();
    } catch (error) {
      if (tries === MOST_TRIES || !(error instanceof EsperError) || !error.retryable) throw error;
    }
  }
}
