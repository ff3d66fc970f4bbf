/** Gets one file from the network: resumed when cut, tried again, tried elsewhere, and never there half-done or wrong. */
import { EsperError } from '../../contracts/index.ts';
import type { Clock } from '../ports/clock.ts';
import { type AttemptTools, attempt, type Progress } from './attempt.ts';
import { type Expectation, inspect, longest } from './expectation.ts';
import { partialOf } from './partial.ts';

/** How long to keep trying. */
export interface Patience {
  /** At each address. */
  readonly attempts: number;
  /** Silence after which a connection is given up. */
  readonly stallMs: number;
  /** Before the second attempt; doubled for each that follows. */
  readonly delayMs: number;
  readonly longestDelayMs: number;
}

export const PATIENCE: Patience = { attempts: 5, stallMs: 30_000, delayMs: 500, longestDelayMs: 30_000 };

export interface DownloadOrder {
  /** The same file at several addresses, best first. */
  readonly urls: readonly string[];
  /** Path of the finished file; its folder is made. */
  readonly to: string;
  readonly expect: Expectation;
  readonly http: AttemptTools['http'];
  readonly disk: AttemptTools['disk'];
  readonly clock: Clock;
  readonly patience?: Patience;
  readonly progress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Fetches unless the right file is there already. The file appears under its name only after its checksum was right.
 *
 * A failure that may pass keeps `<to>.part`, and the next call goes on from there, in this process or another.
 * A wrong checksum deletes it. Each address is used up before the next is tried.
 *
 * @returns the address it came from; null when nothing had to be fetched
 * @throws DOWNLOAD_CHECKSUM DOWNLOAD_NOT_FOUND DOWNLOAD_DENIED DOWNLOAD_TOO_LONG DOWNLOAD_UNAVAILABLE DOWNLOAD_TRUNCATED DOWNLOAD_STALLED HTTP_FAILED
 *   of a single address, DOWNLOAD_FAILED when several failed; DOWNLOAD_STOPPED on abort; DISK_FULL and other DISK codes at once
 */
export async function download(order: DownloadOrder): Promise<string | null> {
  const { disk, to, expect } = order;
  if ((await disk.exists(to)) && (await inspect(disk, to, expect)).ok) return null;
  const tried: EsperError[] = [];
  for (const url of order.urls) {
    try {
      await fromOne(url, order);
      return url;
    } catch (error) {
      if (order.signal?.aborted) throw stopped(url, to, error);
      if (!(error instanceof EsperError) || !elsewhereMayHelp(error)) throw error;
      tried.push(error);
    }
  }
  const [only] = tried;
  if (tried.length === 1 && only) throw only;
  throw new EsperError(
    'DOWNLOAD_FAILED',
    `none of ${order.urls.length} addresses gave ${to}`,
    { to, tried: tried.map(({ code, message }, i) => ({ url: order.urls[i], code, message })) },
    { hint: 'Check the network, or put the file there by hand.', cause: tried.at(-1) },
  );
}

async function fromOne(url: string, order: DownloadOrder): Promise<void> {
  const { disk, to, expect, patience = PATIENCE } = order;
  const partial = partialOf(disk, to);
  const tools: AttemptTools = {
    ...order,
    signal: order.signal ?? new AbortController().signal,
    progress: order.progress ?? (() => {}),
    stallMs: patience.stallMs,
  };
  for (let tries = 1; ; tries++) {
    try {
      await attempt(url, partial, longest(expect), tools);
      break;
    } catch (error) {
      if (!(error instanceof EsperError) || !mayPass(error) || tools.signal.aborted) throw error;
      if (tries === patience.attempts) throw error;
      await pause(order.clock, delay(tries, error, patience), tools.signal);
    }
  }
  const { ok, got } = await inspect(disk, partial.path, expect);
  if (!ok) {
    await partial.drop();
    throw wrong(url, expect, got);
  }
  await partial.finish();
}

/** Doubles from try to try; a server that names a time is believed, up to the longest we wait. */
function delay(tries: number, error: EsperError, { delayMs, longestDelayMs }: Patience): number {
  const asked = error.details.retryAfterMs;
  const own = delayMs * 2 ** (tries - 1);
  return Math.min(longestDelayMs, typeof asked === 'number' ? Math.max(own, asked) : own);
}

/** Ends early when the signal aborts; the attempt that follows then fails at once. */
function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(delayMs, () => end());
    const end = () => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    signal.addEventListener('abort', end);
  });
}

/** Waiting mends networks, not disks: a full one must be told to a person at once. */
const mayPass = (error: EsperError) => error.retryable && elsewhereMayHelp(error);

/** A full disk is full for every mirror. */
const elsewhereMayHelp = ({ code }: EsperError) => code.startsWith('DOWNLOAD_') || code.startsWith('HTTP_');

function wrong(url: string, expect: Expectation, got: unknown): EsperError {
  return new EsperError(
    'DOWNLOAD_CHECKSUM',
    `what came from ${url} is not the file that was expected`,
    { url, expected: expect, got: got ?? 'not gzip' },
    { hint: 'The mirror is damaged or was changed. Nothing was kept; try another mirror.' },
  );
}

function stopped(url: string, to: string, cause: unknown): EsperError {
  return new EsperError(
    'DOWNLOAD_STOPPED',
    `the download of ${to} was stopped`,
    { url, to },
    { cause, hint: 'The next attempt goes on from where this one ended.' },
  );
}
