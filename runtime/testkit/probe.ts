/** A probe stands where an actor would and remembers what it was told: the other end of a test. */
import assert from 'node:assert/strict';
import type { AnyDefinition } from '../actor/behaviour.ts';
import { accept } from '../actor/decision.ts';
import type { Message } from '../actor/messages.ts';
import { worker } from '../supervisor/declare.ts';
import type { WorkerSpec } from '../supervisor/spec.ts';

export interface Probe<M extends Message> {
  /** Put it among the children of the system under test, by the id that others send to. */
  readonly spec: WorkerSpec;
  /** Everything received and not yet taken, oldest first. */
  readonly received: readonly M[];
  /** Takes the oldest message, which must be of this type. @throws AssertionError naming what came instead */
  take<T extends M['type']>(type: T): Extract<M, { type: T }>;
  /** @throws AssertionError when there is anything left to take */
  expectNothing(): void;
  /** What asks are answered with from now on: a value, or a function of the question. Default undefined. */
  answer(reply: unknown): void;
}

/** @param id the last word of its path */
export function probe<M extends Message>(id: string): Probe<M> {
  const received: M[] = [];
  let reply: unknown;
  const definition: AnyDefinition = {
    name: id,
    mailbox: { capacity: 100_000, whenFull: 'refuse' },
    fresh: () => null,
    decide: {},
    otherwise: (_, message) => {
      received.push(message as M);
      return accept(typeof reply === 'function' ? reply(message) : reply);
    },
  };
  return {
    spec: worker(definition, { id }),
    received,
    take<T extends M['type']>(type: T) {
      const next = received.shift();
      assert(next !== undefined, `${id} expected ${type} and was told nothing`);
      assert.equal(next.type, type, `${id} was told ${JSON.stringify(next)}`);
      return next as Extract<M, { type: T }>;
    },
    expectNothing: () => assert.deepEqual(received, [], `${id} was told more than it should`),
    answer: (given) => {
      reply = given;
    },
  };
}
