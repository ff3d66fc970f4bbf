/** What every link promises, whatever wire it runs on. The other end behaves like `guest.mjs`. */
import { expect, it } from 'vitest';
import type { Link } from '../../../runtime/host/link.ts';

export interface LinkWorld {
  readonly link: Link;
  /** Lets that many milliseconds go by. */
  pass(ms: number): Promise<void>;
  /** Ends the other side. */
  cut(): Promise<void>;
}

export function linkContract(start: () => Promise<LinkWorld>): void {
  /** Awaits something while time goes on, as it must for a simulated clock. */
  const meanwhile = async <T>(world: LinkWorld, work: Promise<T>): Promise<T> => {
    let over = false;
    const done = () => {
      over = true;
    };
    work.then(done, done);
    for (let turn = 0; !over && turn < 2_000; turn++) await world.pass(1);
    return work;
  };
  const ask = (world: LinkWorld, topic: string, body: unknown = null, withinMs = 15_000) =>
    meanwhile(world, world.link.request(topic, body, { withinMs }));

  it('brings back what the handler returned, as a copy', async () => {
    const world = await start();
    const body = { list: [1, 2], bytes: Float32Array.of(1.5), when: new Map([['a', 1]]) };
    const reply = await ask(world, 'echo', body);

    expect(reply).toEqual(body);
    expect(reply).not.toBe(body);
    await world.cut();
  });

  it('answers many questions at once, each with its own answer', async () => {
    const world = await start();
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    const replies = await Promise.all(numbers.map((n) => ask(world, 'echo', n)));

    expect(replies).toEqual(numbers);
    await world.cut();
  });

  it('carries a failure with code, details, hint and whether to try again', async () => {
    const world = await start();

    await expect(ask(world, 'refuse')).rejects.toMatchObject({
      code: 'GUEST_REFUSED',
      message: 'not today',
      details: { day: 7 },
      hint: 'come tomorrow',
      retryable: true,
    });
    await expect(ask(world, 'stumble')).rejects.toMatchObject({
      code: 'UNEXPECTED',
      message: 'a plain error',
    });
    expect(await ask(world, 'echo', 'still there')).toBe('still there');
    await world.cut();
  });

  it('names the topic nobody handles', async () => {
    const world = await start();

    await expect(ask(world, 'unknown')).rejects.toMatchObject({
      code: 'HOST_NO_HANDLER',
      details: { topic: 'unknown' },
    });
    await world.cut();
  });

  it('gives up at the deadline, and a late answer harms nobody', async () => {
    const world = await start();

    await expect(ask(world, 'never', null, 20)).rejects.toMatchObject({
      code: 'HOST_TIMED_OUT',
      details: { topic: 'never', withinMs: 20 },
    });
    expect(await ask(world, 'echo', 1)).toBe(1);
    await world.cut();
  });

  it('refuses what cannot be copied, on the way there and on the way back', async () => {
    const world = await start();
    const strange = () => 1;

    expect(() => world.link.publish('echo', strange)).toThrow(
      expect.objectContaining({ code: 'HOST_UNSENDABLE' }),
    );
    await expect(ask(world, 'echo', strange)).rejects.toMatchObject({ code: 'HOST_UNSENDABLE' });
    await expect(ask(world, 'unsendable')).rejects.toMatchObject({ code: 'HOST_UNSENDABLE' });
    await expect(ask(world, 'unsendable-failure')).rejects.toMatchObject({ code: 'GUEST_STRANGE' });
    await world.cut();
  });

  it('works both ways', async () => {
    const world = await start();
    const said: unknown[] = [];
    world.link.handle('guest.said', (body) => void said.push(body));
    world.link.handle('double', (body) => Number(body) * 2);
    for (const word of ['a', 'b', 'c']) expect(world.link.publish('say', word)).toBe(true);

    expect(await ask(world, 'ask-back', 21)).toBe(42);
    expect(said).toEqual(['a', 'b', 'c']);
    await world.cut();
  });

  it('tells everybody who waits, and everybody who asks later, that the other side is gone', async () => {
    const world = await start();
    const waiting = [1, 2, 3].map(() => world.link.request('never', null, { withinMs: 60_000 }));
    const outcomes = Promise.allSettled(waiting);
    await world.cut();

    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'HOST_GONE', retryable: true } });
    }
    await expect(world.link.request('echo', 1, { withinMs: 10 })).rejects.toMatchObject({
      code: 'HOST_GONE',
    });
    expect(world.link.publish('echo', 1)).toBe(false);
  });
}
