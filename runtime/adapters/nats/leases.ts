/** Leases in a key-value bucket of NATS: compare-and-set by revision. The bucket is made when it is first missed. */
import { DiscardPolicy, type Msg, type MsgHdrs, RetentionPolicy, StorageType, type StreamConfig } from 'nats';
import { EsperError } from '../../../contracts/failure.ts';
import type { LeaseEntry, Leases } from '../../ports/leases.ts';
import { bornStream } from './born-stream.ts';
import type { Connection } from './connection.ts';
import { denied } from './denied.ts';
import { plainBytes } from './plain-bytes.ts';
import { puback } from './puback.ts';
import { NO_MESSAGE, NO_STREAM, type RequestFailed, sorted, WRONG_REVISION } from './request-failed.ts';

/** Never first or last a dot, as in every subject. */
const KEY = /^[-/=\w]+(\.[-/=\w]+)*$/;

export function natsLeases(connection: Connection): Leases {
  return new Bucket(connection);
}

class Bucket implements Leases {
  readonly #connection: Connection;
  readonly #stream: string;
  readonly #subjects: string;
  /** What is stored is told again here, with its revision. */
  readonly #echo: string;
  /** That the bucket is there, as far as this connection knows. */
  #there: Promise<void> | null = null;

  constructor(connection: Connection) {
    const { cluster } = connection;
    this.#connection = connection;
    this.#stream = `KV_${cluster}`;
    this.#subjects = `$KV.${cluster}.`;
    this.#echo = `${cluster}.kv.`;
    // A server that comes back may have lost everything.
    connection.onChange(() => {
      this.#there = null;
    });
  }

  async get(key: string): Promise<LeaseEntry | undefined> {
    checkKey(key);
    const found = await this.#last(key);
    return found === undefined || isRemoval(found.header)
      ? undefined
      : { key, value: plainBytes(found.data), revision: found.seq };
  }

  async put(key: string, value: Uint8Array, expected: number): Promise<number | undefined> {
    checkKey(key);
    const own = new Uint8Array(value);
    const revision = await this.#write(key, own, expected);
    if (revision !== undefined || expected !== 0) return revision;
    // Somebody may have taken the key away by hand: what is left of it has a revision.
    const left = await this.#last(key);
    return left !== undefined && isRemoval(left.header) ? this.#write(key, own, left.seq) : undefined;
  }

  watch(prefix: string, tell: (entry: LeaseEntry) => void): () => void {
    const upToDot = prefix.slice(0, prefix.lastIndexOf('.') + 1);
    return this.#connection.subscribe(`${this.#echo}${upToDot}>`, (message) => {
      const entry = this.#echoed(message);
      if (entry?.key.startsWith(prefix)) tell(entry);
    });
  }

  #echoed({ subject, headers, data }: Msg): LeaseEntry | undefined {
    const revision = Number(headers?.get('Nats-Sequence'));
    if (headers === undefined || !Number.isSafeInteger(revision) || revision < 1 || isRemoval(headers)) {
      return undefined;
    }
    return { key: subject.slice(this.#echo.length), value: plainBytes(data), revision };
  }

  async #write(key: string, value: Uint8Array, expected: number): Promise<number | undefined> {
    const headers = { 'Nats-Expected-Last-Subject-Sequence': String(expected) };
    try {
      const answer = await this.#orMake('nobody', () =>
        this.#connection.ask(this.#subjects + key, value, { headers }),
      );
      return puback(answer.data).seq;
    } catch (thrown) {
      const failed = sorted(thrown);
      if (failed.number === WRONG_REVISION) return undefined;
      throw this.#explained(failed, key);
    }
  }

  async #last(key: string) {
    try {
      return await this.#orMake(NO_STREAM, () =>
        this.#connection.manage((manager) =>
          manager.streams.getMessage(this.#stream, { last_by_subj: this.#subjects + key }),
        ),
      );
    } catch (thrown) {
      const failed = sorted(thrown);
      if (failed.number === NO_MESSAGE) return undefined;
      throw this.#explained(failed, key);
    }
  }

  /** Tries; when the bucket has gone missing, makes it and tries once more. */
  async #orMake<T>(missing: 'nobody' | number, work: () => Promise<T>): Promise<T> {
    await this.#bucket();
    try {
      return await work();
    } catch (thrown) {
      const { trouble, number } = sorted(thrown);
      if (missing !== trouble && missing !== number) throw thrown;
    }
    this.#there = null;
    await this.#bucket();
    return work();
  }

  #bucket(): Promise<void> {
    if (this.#there !== null) return this.#there;
    const there = this.#made().catch((thrown) => {
      if (this.#there === there) this.#there = null;
      throw thrown;
    });
    this.#there = there;
    return there;
  }

  /** Somebody else may be making it too. */
  async #made(): Promise<void> {
    if ((await bornStream(this.#connection, this.#stream)) !== undefined) return;
    await this.#connection.manage(({ streams }) => streams.add(this.#config()));
    await bornStream(this.#connection, this.#stream);
    this.#connection.log.write('info', 'the lease store was made', { bucket: this.#connection.cluster });
  }

  #config(): Partial<StreamConfig> & { readonly name: string } {
    return {
      name: this.#stream,
      subjects: [`${this.#subjects}>`],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      max_msgs_per_subject: 1,
      num_replicas: 1,
      allow_direct: true,
      allow_rollup_hdrs: true,
      deny_delete: true,
      republish: { src: `${this.#subjects}>`, dest: `${this.#echo}>` },
    };
  }

  #explained(failed: RequestFailed, key: string): EsperError {
    const details = { key, reason: failed.message };
    switch (failed.trouble) {
      case 'denied':
        return denied(`the lease store (${this.#subjects}>, stream ${this.#stream})`);
      case 'too-large':
        return new EsperError(
          'LEASES_TOO_LARGE',
          `the value of ${key} is larger than the server takes`,
          details,
          {
            hint: 'Keep little in the lease store.',
          },
        );
      default:
        return new EsperError(
          'LEASES_UNREACHABLE',
          `the lease store did not answer: ${failed.message}`,
          details,
          {
            retryable: true,
            hint: 'Try again; what was to be written may have been written.',
          },
        );
    }
  }
}

const isRemoval = (headers: MsgHdrs | undefined): boolean =>
  ['DEL', 'PURGE'].includes(headers?.get('KV-Operation') ?? '');

function checkKey(key: string): void {
  if (KEY.test(key)) return;
  throw new EsperError(
    'LEASES_KEY_INVALID',
    `${JSON.stringify(key.slice(0, 80))} cannot be a key of the lease store`,
    { key: key.slice(0, 80) },
    { hint: 'Use letters, digits, - _ / = and single dots between them.' },
  );
}
