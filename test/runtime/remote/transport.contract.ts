/** What every transport promises, whatever broker it talks to. */
import { expect, it } from 'vitest';
import type { Transport } from '../../../runtime/index.ts';

export interface TransportWorld {
  /** Two clients of one broker. */
  readonly one: Transport;
  readonly other: Transport;
  /** Lets what is under way arrive. */
  settle(): Promise<void>;
  /** The broker goes away, and every client has noticed when this resolves. */
  down(): Promise<void>;
  /** It is back, and every client has noticed. */
  up(): Promise<void>;
  end(): Promise<void>;
}

const utf8 = new TextEncoder();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

export function transportContract(start: () => Promise<TransportWorld>): void {
  const listen = (transport: Transport, pattern: string) => {
    const heard: string[] = [];
    const stop = transport.subscribe(pattern, (bytes, subject) => heard.push(`${subject} ${text(bytes)}`));
    return { heard, stop };
  };

  it('carries bytes to all who subscribed, the publisher included', async () => {
    const { one, other, settle, end } = await start();
    const [mine, theirs] = [listen(one, 'a.b'), listen(other, 'a.b')];
    await settle();

    expect(one.publish('a.b', utf8.encode('hello'))).toBe(true);
    await settle();
    expect([mine.heard, theirs.heard]).toEqual([['a.b hello'], ['a.b hello']]);
    await end();
  });

  it('takes one word for a star and the rest for an arrow', async () => {
    const { one, other, settle, end } = await start();
    const [star, arrow] = [listen(other, 'a.*'), listen(other, 'a.>')];
    await settle();
    for (const subject of ['a', 'a.b', 'a.b.c', 'b.b']) one.publish(subject, utf8.encode('x'));
    await settle();

    expect(star.heard).toEqual(['a.b x']);
    expect(arrow.heard).toEqual(['a.b x', 'a.b.c x']);
    await end();
  });

  it('keeps the order of one publisher while nothing goes wrong', async () => {
    const { one, other, settle, end } = await start();
    const { heard } = listen(other, 'n');
    await settle();
    for (let n = 0; n < 200; n++) one.publish('n', utf8.encode(String(n)));
    await settle();

    expect(heard).toEqual(Array.from({ length: 200 }, (_, n) => `n ${n}`));
    await end();
  });

  it('hands over a copy: neither side can change what the other holds', async () => {
    const { one, other, settle, end } = await start();
    const received: Uint8Array[] = [];
    other.subscribe('c', (bytes) => received.push(bytes));
    other.subscribe('c', (bytes) => bytes.fill(0));
    await settle();
    const bytes = utf8.encode('kept');
    one.publish('c', bytes);
    bytes.fill(1);
    await settle();

    expect(received.map(text)).toEqual(['kept']);
    await end();
  });

  it('shares among the members of a queue, while others hear all', async () => {
    const { one, other, settle, end } = await start();
    const heard: Record<string, string[]> = { first: [], second: [], all: [] };
    const listen = (name: string, transport: Transport, options: { queue?: string }) =>
      transport.subscribe('q.*', (bytes) => heard[name]?.push(text(bytes)), options);
    listen('first', one, { queue: 'crew' });
    listen('second', other, { queue: 'crew' });
    listen('all', other, {});
    await settle();
    const said = Array.from({ length: 60 }, (_, n) => String(n));
    for (const word of said) one.publish('q.x', utf8.encode(word));
    await settle();

    const { first = [], second = [], all } = heard;
    expect(all).toEqual(said);
    expect([...first, ...second].sort()).toEqual([...said].sort());
    expect(Math.min(first.length, second.length)).toBeGreaterThan(0);
    await end();
  });

  it('hears nothing any more after unsubscribing', async () => {
    const { one, other, settle, end } = await start();
    const { heard, stop } = listen(other, 'x');
    await settle();
    stop();
    await settle();
    one.publish('x', utf8.encode('late'));
    await settle();

    expect(heard).toEqual([]);
    await end();
  });

  it('says false for what is too large, and stays connected', async () => {
    const { one, other, settle, end } = await start();
    const { heard } = listen(other, 'big');
    await settle();

    expect(one.publish('big', new Uint8Array(one.maxBytes + 1))).toBe(false);
    expect(one.publish('big', utf8.encode('small'))).toBe(true);
    await settle();
    expect(heard).toEqual(['big small']);
    expect(one.connected).toBe(true);
    await end();
  });

  it('says false while it is down, tells of every change, and subscriptions outlive the outage', async () => {
    const { one, other, settle, down, up, end } = await start();
    const { heard } = listen(other, 'o');
    const told: boolean[] = [];
    one.onChange((connected) => told.push(connected));
    await settle();
    await down();

    expect([one.connected, one.publish('o', utf8.encode('lost'))]).toEqual([false, false]);
    await up();
    expect([one.connected, one.publish('o', utf8.encode('back'))]).toEqual([true, true]);
    await settle();
    expect(heard).toEqual(['o back']);
    expect(told).toEqual([false, true]);
    await end();
  });

  it('neither sends nor hears once it is closed', async () => {
    const { one, other, settle, end } = await start();
    const { heard } = listen(other, 'z');
    await settle();
    other.close();
    one.publish('z', utf8.encode('1'));
    await settle();

    expect(heard).toEqual([]);
    expect(other.publish('z', utf8.encode('2'))).toBe(false);
    await end();
  });
}
