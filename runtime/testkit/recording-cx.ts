/** The hands of an actor that is not there: whatever it does with them is written down instead of done. */
import assert from 'node:assert/strict';
import { type RandomStream, randomStream } from '../../contracts/random-stream.ts';
import type { ActorDefinition, Cx, DynamicChild, DynamicSupervisor } from '../actor/behaviour.ts';
import type { CheckpointId, Checkpoints, RollbackOutcome } from '../actor/checkpoints.ts';
import { accept } from '../actor/decision.ts';
import type { Message } from '../actor/messages.ts';
import type { AskOptions, Ref, SendOptions } from '../actor/ref.ts';
import { memoryIds } from '../adapters/memory/ids.ts';
import { memoryLog } from '../adapters/memory/log.ts';
import { memoryMetrics } from '../adapters/memory/metrics.ts';

/** One thing a handler did besides deciding. */
export type Effect =
  | { readonly did: 'send'; readonly to: string; readonly message: Message }
  | {
      readonly did: 'ask';
      readonly to: string;
      readonly message: Message;
      readonly withinMs: number | 'inherit';
    }
  | { readonly did: 'call'; readonly to: string; readonly message: Message }
  | { readonly did: 'after'; readonly delayMs: number; readonly message: Message }
  | { readonly did: 'cancel'; readonly message: Message }
  | { readonly did: 'soon'; readonly message: Message }
  | { readonly did: 'job'; readonly name: string; readonly run: (signal: AbortSignal) => Promise<Message> }
  | { readonly did: 'watch'; readonly path: string }
  | { readonly did: 'start-child'; readonly id: string; readonly name: string; readonly args: unknown }
  | { readonly did: 'stop-child'; readonly id: string }
  | { readonly did: 'capture' | 'barrier'; readonly meta: unknown }
  | { readonly did: 'rollback'; readonly reason: string; readonly details: unknown }
  | { readonly did: 'progress'; readonly by: number }
  | { readonly did: 'stash' | 'unstash-all' }
  | { readonly did: 'fail'; readonly error: Error }
  | { readonly did: 'stop' };

export interface RecordingOptions {
  /** Default `test/actor`. */
  readonly path?: string;
  readonly incarnation?: number;
  /** Monotonic milliseconds it reads; default 0. */
  readonly nowMs?: number;
  readonly seed?: number | string;
  /** What asks and direct calls are answered with, by path. Without an entry they are a mistake of the test. */
  readonly answers?: Readonly<Record<string, unknown>>;
}

export class RecordingCx implements Cx<Message> {
  readonly effects: Effect[] = [];
  readonly path: string;
  readonly incarnation: number;
  readonly recovering = false;
  readonly trace = null;
  readonly signal: Cx<Message>['signal'] = new AbortController().signal;
  readonly random: RandomStream;
  readonly log = memoryLog();
  readonly metrics = memoryMetrics();
  readonly ids = memoryIds();
  readonly #options: RecordingOptions;
  readonly #children = new Map<string, Ref<Message>>();

  constructor(options: RecordingOptions = {}) {
    this.#options = options;
    this.path = options.path ?? 'test/actor';
    this.incarnation = options.incarnation ?? 1;
    this.random = randomStream(options.seed ?? 1);
  }

  get self(): Ref<Message> {
    return this.ref(this.path);
  }
  nowMs = (): number => this.#options.nowMs ?? 0;
  deadlineMs = (): null => null;

  ref<T extends Message>(path: string): Ref<T> {
    const note = (effect: Effect) => void this.effects.push(effect);
    const answer = <R>(): R => {
      const { answers = {} } = this.#options;
      assert(path in answers, `the handler asked ${path}, and the test gave no answer for it`);
      return answers[path] as R;
    };
    return {
      path,
      incarnation: 1,
      epoch: 1,
      send(message: T, _options?: SendOptions) {
        note({ did: 'send', to: path, message });
        return true;
      },
      async ask<R>(message: T, { withinMs }: AskOptions): Promise<R> {
        note({ did: 'ask', to: path, message, withinMs });
        return answer<R>();
      },
      callNow<R>(message: T): R {
        note({ did: 'call', to: path, message });
        return answer<R>();
      },
    };
  }

  after(delayMs: number, message: Message): () => void {
    this.effects.push({ did: 'after', delayMs, message });
    return () => void this.effects.push({ did: 'cancel', message });
  }
  soon(message: Message): void {
    this.effects.push({ did: 'soon', message });
  }
  job(name: string, run: (signal: AbortSignal) => Promise<Message>): void {
    this.effects.push({ did: 'job', name, run });
  }
  watch({ path }: Ref<never>): void {
    this.effects.push({ did: 'watch', path });
  }
  progress(by = 1): void {
    this.effects.push({ did: 'progress', by });
  }
  stash() {
    this.effects.push({ did: 'stash' });
    return accept();
  }
  unstashAll(): void {
    this.effects.push({ did: 'unstash-all' });
  }
  fail(error: Error): void {
    this.effects.push({ did: 'fail', error });
  }
  stop(): void {
    this.effects.push({ did: 'stop' });
  }

  children(): DynamicSupervisor {
    return {
      start: <S, M extends Message, E, A>(
        definition: ActorDefinition<S, M, E, A>,
        { id, args }: DynamicChild<A>,
      ) => {
        this.effects.push({ did: 'start-child', id, name: definition.name, args });
        const ref = this.ref<Message>(`${this.path}/${id}`);
        this.#children.set(id, ref);
        return ref as unknown as Ref<M>;
      },
      stop: (id) => {
        this.effects.push({ did: 'stop-child', id });
        this.#children.delete(id);
      },
      ref: <M extends Message>(id: string) => this.#children.get(id) as unknown as Ref<M> | undefined,
      ids: () => [...this.#children.keys()],
    };
  }

  checkpoints(): Checkpoints {
    return {
      capture: (meta: unknown = null) => {
        this.effects.push({ did: 'capture', meta });
        return 'checkpoint-test';
      },
      barrier: async (meta: unknown = null) => {
        this.effects.push({ did: 'barrier', meta });
        return 'checkpoint-test';
      },
      quarantine: () => {},
      list: () => [],
    };
  }
  rollback(reason: string, details: unknown = null, _before?: CheckpointId): RollbackOutcome {
    this.effects.push({ did: 'rollback', reason, details });
    return { checkpoint: 'checkpoint-test', meta: null, ms: 0, attempts: 1 };
  }
  supervisor(path: string): never {
    assert.fail(`a handler that administers ${path} is tested with testSystem`);
  }
  pool(path: string): never {
    assert.fail(`a handler that administers ${path} is tested with testSystem`);
  }
}
