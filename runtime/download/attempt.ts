/** One try at one address: ask for what is missing, write what comes, say why it ended early. */
import { EsperError } from '../../contracts/index.ts';
import type { Clock } from '../ports/clock.ts';
import type { Disk } from '../ports/disk.ts';
import type { Http, HttpAnswer } from '../ports/http.ts';
import type { Partial } from './partial.ts';
import { type StallGuard, stallGuard } from './stall-guard.ts';

export interface Progress {
  readonly url: string;
  /** Of this file, on disk so far, those of earlier attempts included. */
  readonly bytes: number;
  /** Null when the server did not say. */
  readonly totalBytes: number | null;
  /** Mean since this attempt began; 0 in its first moment. */
  readonly bytesPerSecond: number;
}

export interface AttemptTools {
  readonly http: Http;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly stallMs: number;
}

interface Transfer {
  readonly answer: HttpAnswer;
  readonly from: number;
  readonly totalBytes: number | null;
}

/**
 * Leaves the whole file in the partial, not yet synced, or throws. A retryable failure keeps what has arrived.
 *
 * @param limit bytes after which it cannot be the file any more
 * @throws DOWNLOAD_NOT_FOUND DOWNLOAD_DENIED DOWNLOAD_TOO_LONG for good; DOWNLOAD_UNAVAILABLE DOWNLOAD_TRUNCATED DOWNLOAD_STALLED DOWNLOAD_BAD_RANGE to be tried again
 */
export async function attempt(
  url: string,
  partial: Partial,
  limit: number,
  tools: AttemptTools,
): Promise<void> {
  const arrived = await partial.arrived(url);
  if (arrived && arrived.bytes === arrived.origin.totalBytes) return;
  const guard = stallGuard(tools.clock, tools.stallMs, tools.signal);
  try {
    const resume = arrived && { range: `bytes=${arrived.bytes}-`, 'if-range': arrived.origin.validator };
    const request = { headers: { 'accept-encoding': 'identity', ...resume }, signal: guard.signal };
    const answer = await guard.within(tools.http.get(url, request));
    const transfer = await accept(url, answer, partial, arrived?.bytes ?? 0);
    if ((transfer.totalBytes ?? 0) > limit) throw tooLong(url, limit);
    await receive(url, transfer, partial.path, limit, guard, tools);
  } catch (error) {
    // Bytes that cannot be the file must not be gone on from.
    if (error instanceof EsperError && error.code === 'DOWNLOAD_TOO_LONG') await partial.drop();
    throw error;
  } finally {
    guard.release();
  }
}

/** Reads the status line: where does the body begin, and is it the file at all? */
async function accept(url: string, answer: HttpAnswer, partial: Partial, arrived: number): Promise<Transfer> {
  if (answer.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.header('content-range') ?? '');
    if (range && arrived > 0 && Number(range[1]) === arrived) {
      return { answer, from: arrived, totalBytes: Number(range[2]) };
    }
  }
  if (answer.status === 206 || answer.status === 416) {
    await partial.drop();
    throw new EsperError(
      'DOWNLOAD_BAD_RANGE',
      'the server answered with a part that was not asked for',
      { url },
      { retryable: true },
    );
  }
  if (answer.status !== 200) throw refusal(url, answer);
  // The whole file: the server knows no ranges, or the file is no longer the one we had begun.
  const totalBytes = announced(answer);
  const validator = validatorOf(answer);
  await partial.begin(totalBytes !== null && validator !== null ? { url, validator, totalBytes } : null);
  return { answer, from: 0, totalBytes };
}

async function receive(
  url: string,
  transfer: Transfer,
  path: string,
  limit: number,
  guard: StallGuard,
  { disk, clock, progress }: AttemptTools,
): Promise<void> {
  const { from, totalBytes } = transfer;
  const file = await disk.open(path, 'append');
  const beganMs = clock.nowMs();
  let bytes = from;
  try {
    const body = transfer.answer.body[Symbol.asyncIterator]();
    for (;;) {
      const next = await guard.within(body.next());
      if (next.done) break;
      if (bytes + next.value.length > Math.min(limit, totalBytes ?? limit)) throw tooLong(url, limit);
      await file.write(next.value, bytes);
      bytes += next.value.length;
      const seconds = (clock.nowMs() - beganMs) / 1000;
      progress({ url, bytes, totalBytes, bytesPerSecond: seconds > 0 ? (bytes - from) / seconds : 0 });
    }
  } finally {
    await file.close();
  }
  if (totalBytes !== null && bytes < totalBytes) {
    throw new EsperError(
      'DOWNLOAD_TRUNCATED',
      `the connection ended after ${bytes} of ${totalBytes} bytes`,
      { url, bytes, totalBytes },
      { retryable: true },
    );
  }
}

/** Length of the body as stored; null when the server did not say or speaks of an encoded form. */
function announced(answer: HttpAnswer): number | null {
  const encoding = answer.header('content-encoding');
  const length = answer.header('content-length');
  if ((encoding !== null && encoding !== 'identity') || length === null) return null;
  return /^\d{1,15}$/.test(length) ? Number(length) : null;
}

/** Weak tags do not promise equal bytes, so they are no ground to resume on. */
function validatorOf(answer: HttpAnswer): string | null {
  const tag = answer.header('etag');
  if (tag?.startsWith('"')) return tag;
  return answer.header('last-modified');
}

function refusal(url: string, answer: HttpAnswer): EsperError {
  const { status } = answer;
  const details = { url, status };
  if (status === 404 || status === 410) {
    return new EsperError('DOWNLOAD_NOT_FOUND', `there is no such file (${status})`, details);
  }
  if (status >= 500 || status === 408 || status === 429) {
    const seconds = /^\d{1,6}$/.exec(answer.header('retry-after') ?? '')?.[0];
    const wait = seconds === undefined ? {} : { retryAfterMs: Number(seconds) * 1000 };
    return new EsperError(
      'DOWNLOAD_UNAVAILABLE',
      `the server answered ${status}`,
      { ...details, ...wait },
      { retryable: true },
    );
  }
  return new EsperError('DOWNLOAD_DENIED', `the server answered ${status}`, details);
}

function tooLong(url: string, limit: number): EsperError {
  return new EsperError('DOWNLOAD_TOO_LONG', `more than ${limit} bytes come from there`, { url, limit });
}
