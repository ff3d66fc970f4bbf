/** Records as an async iterable: a chunk is read when the last one is used up, so a slow reader costs nobody memory. */
import type { JournalRecord } from '../ports/journal.ts';
import type { RecordReader } from './record-reader.ts';

/** Says up to which sequence one may read now; less than `next` ends the stream. May wait for more. */
export type Until = (next: number) => number | Promise<number>;

export class RecordStream implements AsyncIterableIterator<JournalRecord> {
  readonly #reader: RecordReader;
  readonly #until: Until;
  readonly #returned: () => void;
  #ready: JournalRecord[] = [];
  #at = 0;
  #filling: Promise<boolean> | undefined;
  #over = false;

  /** @param returned called when the consumer leaves early; `until` then has to stop waiting */
  constructor(reader: RecordReader, until: Until, returned: () => void = () => {}) {
    this.#reader = reader;
    this.#until = until;
    this.#returned = returned;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<JournalRecord, undefined>> {
    const record = this.#ready[this.#at];
    if (!record) return this.#refilled();
    this.#at++;
    return Promise.resolve({ value: record, done: false });
  }

  async return(): Promise<IteratorResult<JournalRecord, undefined>> {
    this.#over = true;
    this.#ready = [];
    this.#at = 0;
    this.#returned();
    await this.#filling?.catch(() => undefined);
    await this.#reader.close();
    return { value: undefined, done: true };
  }

  async #refilled(): Promise<IteratorResult<JournalRecord, undefined>> {
    if (this.#over) return { value: undefined, done: true };
    this.#filling ??= this.#fill();
    const more = await this.#filling;
    return more ? this.next() : { value: undefined, done: true };
  }

  /** @returns whether there is anything more */
  async #fill(): Promise<boolean> {
    try {
      const records: JournalRecord[] = [];
      while (records.length === 0) {
        const until = await this.#until(this.#reader.next);
        if (this.#over || until < this.#reader.next) return await this.#end();
        await this.#reader.advance(until, (record) => records.push(record));
      }
      this.#ready = records;
      this.#at = 0;
      return true;
    } catch (error) {
      await this.#end();
      throw error;
    } finally {
      this.#filling = undefined;
    }
  }

  async #end(): Promise<false> {
    this.#over = true;
    await this.#reader.close();
    return false;
  }
}
