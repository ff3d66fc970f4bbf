/** Ports for servers that are killed and come back: out of a range from which no system gives to those who ask for any. */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** Linux gives away ports from 32768 on, others from 49152 on: to listeners, and to everybody who connects. */
const [LOWEST, HIGHEST] = [20_000, 32_000];
const TRIES = 20;
/** Between two tries at one port: a listener of somebody else may go. */
const PAUSE_MS = 500;

interface PortTries<T> {
  /** Binds the port, or fails. */
  readonly start: (port: number) => Promise<T>;
  /** Whether a failure says that somebody else has the port. */
  readonly taken: (error: unknown) => boolean;
}

/**
 * Starts on a port that stays free while the server is away: whoever asks a system for any port gets another.
 * @throws what `start` failed with, when it is not the port, or the last of 20 ports was taken as well
 */
export async function onSteadyPort<T>({ start, taken }: PortTries<T>): Promise<T> {
  for (let left = TRIES - 1; ; left--) {
    try {
      return await start(randomInt(LOWEST, HIGHEST));
    } catch (error) {
      if (left === 0 || !taken(error)) throw error;
    }
  }
}

/**
 * Starts again where clients look for it.
 * @throws when the port is still taken after 10 s, with what `start` failed with as cause, or at once with that when it is not the port
 */
export async function onSamePort<T>(
  port: number,
  { start, taken }: PortTries<T>,
  pause: (ms: number) => Promise<unknown> = sleep,
): Promise<T> {
  for (let left = TRIES - 1; ; left--) {
    try {
      return await start(port);
    } catch (cause) {
      if (!taken(cause)) throw cause;
      if (left === 0) {
        const seconds = (TRIES * PAUSE_MS) / 1_000;
        throw new Error(
          `port ${port} was taken while its server was away, and is not free after ${seconds} s`,
          {
            cause,
          },
        );
      }
    }
    await pause(PAUSE_MS);
  }
}
