/** Where letters from one node are opened: messages go to the actors here, answers go back. */
import type { Refusal } from '../../contracts/failure.ts';
import { EsperError, toFailure } from '../../contracts/failure.ts';
import type { Address } from '../actor/address.ts';
import { Asker } from '../actor/asker.ts';
import type { Kernel } from '../actor/kernel.ts';
import { Letter, type Writing } from '../actor/letter.ts';
import type { Down, Message } from '../actor/messages.ts';
import type { Priority } from '../actor/priority.ts';
import { parseTraceparent } from '../actor/trace-context.ts';
import type { CarriedLetter } from './envelope.ts';
import { openMessage } from './gate.ts';
import { packReason } from './lost-life.ts';

/** Milliseconds between two looks at a mailbox that was full. */
const LOOK_AGAIN_MS = 10;
/** Questions of one node that may be under way here. */
const ASKS_AT_ONCE = 4_096;

/** An answer to a letter, not yet packed. */
export interface Answer {
  readonly is: 'reply' | 'refused' | 'failed' | 'down';
  readonly path: string;
  readonly re: string;
  readonly incarnation?: number;
  readonly data: unknown;
}

export interface DeskWorld {
  readonly kernel: Kernel;
  readonly node: string;
  /** Longest body, in bytes. */
  readonly bodyBytes: number;
  post(answer: Answer): void;
  /** What was held has found room. */
  relieved(): void;
}

export class Desk {
  readonly #world: DeskWorld;
  /** Letters for full mailboxes, by path, in order: one slow actor does not hold up the others. */
  readonly #held = new Map<string, CarriedLetter[]>();
  readonly #watched = new Map<string, { readonly address: Address; readonly watcher: object }>();
  #heldCount = 0;
  #asks = 0;
  /** Rises when the other node's life ends: what was asked in it is answered no more. */
  #life = 0;
  #cancelLook: (() => void) | null = null;

  constructor(world: DeskWorld) {
    this.#world = world;
  }

  /** Letters that wait for room. */
  get held(): number {
    return this.#heldCount;
  }

  /** A message to an actor here, or a watch on one. */
  take(letter: CarriedLetter): void {
    if (letter.is === 'watch') this.#watch(letter);
    else if (letter.is === 'unwatch') this.#unwatch(letter.re ?? '');
    else if (this.#held.has(letter.path) || !this.#hasRoom(letter)) this.#hold(letter);
    else this.#deliver(letter);
  }

  /** The other node's life is over. What it told was receipted and is delivered all the same. */
  forget(): void {
    this.#life++;
    this.#asks = 0;
    for (const id of [...this.#watched.keys()]) this.#unwatch(id);
    for (const [path, letters] of this.#held) {
      const tells = letters.filter(({ is }) => is === 'tell');
      this.#heldCount -= letters.length - tells.length;
      if (tells.length > 0) this.#held.set(path, tells);
      else this.#held.delete(path);
    }
  }

  /** What still waits for room has been receipted and will never be delivered: that is said of each. */
  close(): void {
    this.forget();
    this.#cancelLook?.();
    this.#cancelLook = null;
    const { bodyBytes, kernel } = this.#world;
    for (const [path, letters] of this.#held) {
      for (const { body } of letters) {
        const opened = openMessage(body, bodyBytes);
        if ('value' in opened) kernel.deadLetters.add(path, 'stopped', opened.value);
      }
    }
    this.#held.clear();
    this.#heldCount = 0;
  }

  #hasRoom({ path, is, system }: CarriedLetter): boolean {
    if (system === true) return true;
    if (is === 'ask' && this.#asks >= ASKS_AT_ONCE) return false;
    return this.#find(path)?.roomy !== false;
  }

  #hold(letter: CarriedLetter): void {
    const queue = this.#held.get(letter.path);
    if (queue === undefined) this.#held.set(letter.path, [this.#dated(letter)]);
    else queue.push(this.#dated(letter));
    this.#heldCount++;
    this.#world.kernel.metrics.gauge('esper_remote_held', this.#heldCount, { node: this.#world.node });
    this.#lookLater();
  }

  /** While it is held, its deadline is a time of this clock. */
  #dated(letter: CarriedLetter): CarriedLetter {
    const { leftMs } = letter;
    return leftMs === undefined ? letter : { ...letter, leftMs: leftMs + this.#world.kernel.clock.nowMs() };
  }

  #lookLater(): void {
    this.#cancelLook ??= this.#world.kernel.clock.after(LOOK_AGAIN_MS, () => {
      this.#cancelLook = null;
      this.#lookAgain();
    });
  }

  #lookAgain(): void {
    const before = this.#heldCount;
    const nowMs = this.#world.kernel.clock.nowMs();
    for (const [path, letters] of this.#held) {
      let next = letters[0];
      while (next !== undefined && this.#hasRoom(next)) {
        letters.shift();
        this.#heldCount--;
        const { leftMs } = next;
        this.#deliver(leftMs === undefined ? next : { ...next, leftMs: Math.max(0, leftMs - nowMs) });
        next = letters[0];
      }
      if (letters.length === 0) this.#held.delete(path);
    }
    this.#world.kernel.metrics.gauge('esper_remote_held', this.#heldCount, { node: this.#world.node });
    if (this.#heldCount > 0) this.#lookLater();
    if (this.#heldCount < before) this.#world.relieved();
  }

  #deliver(letter: CarriedLetter): void {
    const { path, system = false } = letter;
    const opened = openMessage(letter.body, this.#world.bodyBytes);
    if ('refused' in opened) {
      this.#turnAway(letter, opened);
      return;
    }
    const { kernel } = this.#world;
    const writing: Writing = {
      ...(letter.priority === undefined ? {} : { priority: letter.priority as Priority }),
      ...(letter.trace === undefined ? {} : { trace: parseTraceparent(letter.trace) }),
    };
    const address = this.#find(path);
    if (letter.is === 'ask') {
      const asker = this.#asker(letter, opened.value, writing);
      if (address !== undefined) address.deliver(asker, system);
      else asker.fail(goneThere(path));
      return;
    }
    const plain = letter.priority === undefined && letter.trace === undefined;
    const item = plain ? opened.value : new Letter(opened.value, writing);
    if (address === undefined) kernel.deadLetters.add(path, 'gone', item);
    else address.deliver(item, system);
  }

  #asker({ id, path, leftMs = 0 }: CarriedLetter, message: Message, writing: Writing): Asker {
    const life = this.#life;
    const { kernel, post } = this.#world;
    this.#asks++;
    const answer = (is: Answer['is'], data: unknown) => {
      if (life !== this.#life) return;
      this.#asks--;
      post({ is, path, re: id, incarnation: this.#find(path)?.incarnation ?? 0, data });
    };
    const reply = (data: unknown) => answer('reply', data);
    const fail = (error: Error) => {
      const refusal = refusalIn(error);
      if (refusal === undefined) answer('failed', toFailure(error));
      else answer('refused', refusal);
    };
    return new Asker(message, path, leftMs, reply, fail, kernel, writing);
  }

  #turnAway(letter: CarriedLetter, refusal: Refusal): void {
    const { metrics, log } = this.#world.kernel;
    metrics.count('esper_remote_refused_total', 1, { code: refusal.refused });
    log.write('warn', 'a letter was turned away', { node: this.#world.node, code: refusal.refused });
    if (letter.is === 'ask') {
      this.#world.post({ is: 'refused', path: letter.path, re: letter.id, data: refusal });
    }
  }

  #watch({ id, path }: CarriedLetter): void {
    const tell = ({ incarnation, reason }: Down) => {
      this.#watched.delete(id);
      this.#world.post({ is: 'down', path, re: id, incarnation, data: packReason(reason) });
    };
    const address = this.#find(path);
    if (address === undefined) {
      const reason = { kind: 'shutdown', why: 'nobody lives there' } as const;
      tell({ type: 'runtime.down', path, incarnation: 0, reason });
      return;
    }
    const watcher = {};
    this.#watched.set(id, { address, watcher });
    address.watchedBy(watcher, tell);
  }

  #unwatch(id: string): void {
    const watched = this.#watched.get(id);
    this.#watched.delete(id);
    watched?.address.unwatchedBy(watched.watcher);
  }

  /** Only those who live here: a letter is not passed on to a third node. */
  #find(path: string): Address | undefined {
    return path.startsWith('//') ? undefined : this.#world.kernel.registry.find(path);
  }
}

/** The refusal an actor answered with, when the error is only its wrapping. */
function refusalIn(error: Error): Refusal | undefined {
  if (!(error instanceof EsperError) || error.code !== 'ACTOR_REFUSED') return undefined;
  const { refused, details } = error.details as { refused?: unknown; details?: unknown };
  if (typeof refused !== 'string' || typeof details !== 'object' || details === null) return undefined;
  return { refused, details: details as Record<string, unknown> };
}

const goneThere = (path: string) =>
  new EsperError(
    'ACTOR_GONE',
    `${path}: nobody lives there`,
    { path },
    {
      retryable: true,
      hint: 'Check the path in the supervision tree of that node, or try again after its restart.',
    },
  );
