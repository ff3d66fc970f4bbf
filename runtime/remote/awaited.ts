/** What actors here wait to hear from one other node: answers to their questions, and how lives over there end. */
import { type EsperError, Failure, fromFailure, Refusal } from '../../contracts/failure.ts';
import type { Asker } from '../actor/asker.ts';
import type { Down, StopReason } from '../actor/messages.ts';
import { checkerOf } from '../checker.ts';
import type { CarriedLetter } from './envelope.ts';
import { openData } from './gate.ts';
import { readReason } from './lost-life.ts';
import { remotePath } from './remote-path.ts';

const refusals = checkerOf(Refusal);
const failures = checkerOf(Failure);

/** Lives remembered; of actors not heard of for long, none is. */
const LIVES_MAX = 4_096;

type Tell = (down: Down) => void;

interface Watch {
  /** Of the letter that asked for it. */
  readonly id: string;
  readonly watchers: Map<object, Tell>;
}

export class Awaited {
  readonly #node: string;
  readonly #bodyBytes: number;
  readonly #asks = new Map<string, Asker>();
  readonly #watches = new Map<string, Watch>();
  readonly #incarnations = new Map<string, number>();

  constructor(node: string, bodyBytes: number) {
    this.#node = node;
    this.#bodyBytes = bodyBytes;
  }

  get asks(): number {
    return this.#asks.size;
  }

  /** The life of the actor at `path` that was last heard of; 0 when none was. */
  incarnationOf(path: string): number {
    return this.#incarnations.get(path) ?? 0;
  }

  asked(id: string, asker: Asker): void {
    this.#asks.set(id, asker);
  }

  forgetAsk(id: string): void {
    this.#asks.delete(id);
  }

  /** Those who have given up wait for nothing. */
  sweep(): void {
    for (const [id, asker] of this.#asks) if (!asker.awaited) this.#asks.delete(id);
  }

  /** An answer. The code of the refusal when it is none that can be read. */
  take(letter: CarriedLetter): Refusal | undefined {
    const { re = '', path, incarnation } = letter;
    const opened = letter.body === undefined ? { value: undefined } : openData(letter.body, this.#bodyBytes);
    if (incarnation !== undefined) this.#remember(path, incarnation);
    if (letter.is === 'down') return this.#ended(path, re, incarnation ?? 0, opened);
    const asker = this.#asks.get(re);
    this.#asks.delete(re);
    if (asker === undefined) return undefined;
    const refusal = 'refused' in opened ? opened : answer(asker, letter.is, opened.value);
    if (refusal !== undefined) asker.refuse(refusal);
    return refusal;
  }

  /** True when it is the first watch on that path, and `id` has to be sent. */
  watch(path: string, id: string, watcher: object, tell: Tell): boolean {
    const watch = this.#watches.get(path);
    watch?.watchers.set(watcher, tell);
    if (watch === undefined) this.#watches.set(path, { id, watchers: new Map([[watcher, tell]]) });
    return watch === undefined;
  }

  /** The id of the watch that nobody here needs any more, if this was its last watcher. */
  unwatch(path: string, watcher: object): string | undefined {
    const watch = this.#watches.get(path);
    if (watch === undefined || !watch.watchers.delete(watcher) || watch.watchers.size > 0) return undefined;
    this.#watches.delete(path);
    return watch.id;
  }

  isWatching(path: string, id: string): boolean {
    return this.#watches.get(path)?.id === id;
  }

  /** The other node's life is over: nothing will be heard of it. */
  allLost(error: EsperError, reason: StopReason): void {
    const asks = [...this.#asks.values()];
    const watches = [...this.#watches];
    this.#asks.clear();
    this.#watches.clear();
    for (const asker of asks) if (asker.awaited) asker.fail(error);
    for (const [path, { watchers }] of watches) this.#tellAll(path, watchers, reason);
    this.#incarnations.clear();
  }

  #remember(path: string, incarnation: number): void {
    const lives = this.#incarnations;
    lives.delete(path);
    lives.set(path, incarnation);
    if (lives.size > LIVES_MAX) lives.delete(lives.keys().next().value as string);
  }

  #ended(
    path: string,
    id: string,
    incarnation: number,
    opened: { readonly value: unknown } | Refusal,
  ): Refusal | undefined {
    const watch = this.#watches.get(path);
    if (watch === undefined || watch.id !== id) return undefined;
    this.#watches.delete(path);
    this.#remember(path, incarnation);
    const unknown: StopReason = { kind: 'killed', why: 'its reason could not be read' };
    const reason = 'refused' in opened ? undefined : readReason(opened.value);
    this.#tellAll(path, watch.watchers, reason ?? unknown);
    this.#incarnations.delete(path);
    return 'refused' in opened ? opened : undefined;
  }

  #tellAll(path: string, watchers: ReadonlyMap<object, Tell>, reason: StopReason): void {
    const incarnation = this.incarnationOf(path);
    const down = { type: 'runtime.down', path: remotePath(this.#node, path), incarnation, reason } as const;
    for (const tell of watchers.values()) tell(down);
  }
}

/** Passes on what was answered. A refusal when the answer is not what it says it is. */
function answer(asker: Asker, is: CarriedLetter['is'], data: unknown): Refusal | undefined {
  if (is === 'reply') asker.answer(data);
  else if (is === 'refused' && refusals.check(data)) asker.refuse(data);
  else if (is === 'failed' && failures.check(data)) asker.fail(fromFailure(data));
  else return { refused: 'REMOTE_BAD_ENVELOPE', details: { is } };
  return undefined;
}
