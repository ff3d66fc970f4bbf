import { describe, expect, it } from 'vitest';
import { deliverTo } from '../../../actors/oona/behaviour.ts';
import { Undeliverable } from '../../../actors/oona/undeliverable.ts';
import { EsperError } from '../../../contracts/index.ts';
import type { Ref } from '../../../runtime/index.ts';

const refThat = (ask: () => Promise<unknown>, send = () => true) =>
  ({ path: 'esper/karn', incarnation: 1, send, ask, callNow: () => undefined }) as unknown as Ref<{
    type: string;
  }>;
const failing = (code: string, retryable = false) =>
  refThat(() => Promise.reject(new EsperError(code, code, {}, { retryable })));
const message = { topic: 't', body: { type: 'x', v: 1 }, priority: 2, id: 'm-1' };
const deliver = (ref: Ref<{ type: string }>) => deliverTo(ref, 'ask', 1_000)(message);

describe('a route', () => {
  it('has delivered when the actor answered, even with a no', async () => {
    await expect(deliver(refThat(async () => 'yes'))).resolves.toBeUndefined();
    await expect(deliver(failing('ACTOR_REFUSED'))).resolves.toBeUndefined();
  });

  it.each([
    ['ACTOR_REFUSED', true],
    ['ACTOR_TIMEOUT', true],
    ['ACTOR_GONE', true],
    ['SOMETHING_ELSE', false],
  ] as const)('has not delivered after %s', async (code, retryable) => {
    await expect(deliver(failing(code, retryable))).rejects.toMatchObject({ code });
  });

  it('gives up on a message that crashes its reader', async () => {
    await expect(deliver(failing('ACTOR_CRASHED'))).rejects.toBeInstanceOf(Undeliverable);
  });

  it('has sent only what the mailbox took', () => {
    const send = (taken: boolean) =>
      deliverTo(
        refThat(
          async () => null,
          () => taken,
        ),
        'send',
        0,
      );

    expect(() => send(true)(message)).not.toThrow();
    expect(() => send(false)(message)).toThrow('took no message');
  });
});
