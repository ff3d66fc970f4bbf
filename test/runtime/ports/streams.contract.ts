/** What every stream store promises, whatever broker keeps it. */
import { expect, it } from 'vitest';
import type { ConsumerSpec, Delivery, StreamSpec, Streams } from '../../../runtime/index.ts';

export interface StreamsWorld {
  /** Two clients of one store. */
  readonly one: Streams;
  readonly other: Streams;
  /** Of a stream that nobody has made yet; its subjects begin with it. */
  readonly name: string;
  /** Lets what is under way be done. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Lets time pass until something holds. */
  until(holds: () => boolean, what: string): Promise<void>;
  /** Lets so many milliseconds pass. */
  pass(ms: number): Promise<void>;
  /** The store cannot be reached from either until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  end(): Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (found: { readonly bytes: Uint8Array }) => new TextDecoder().decode(found.bytes);

export function streamsContract(start: () => Promise<StreamsWorld>): void {
  const made = async (spec: Partial<StreamSpec> = {}) => {
    const world = await start();
    const { name, one, during } = world;
    await during(one.ensure({ name, subjects: [`${name}.>`], keeps: 'work', ...spec }));
    const say = (word: string, id = word) => during(one.publish(`${name}.a`, bytes(word), { id }));
    const size = async () => (await during(one.size(name))).messages;
    const workers: ConsumerSpec = { durable: 'workers', filter: `${name}.>`, settleMs: 400, atOnce: 8 };
    /** Consumes and remembers; what to do with each is `each`'s business. */
    const collect = async (
      streams: Streams,
      each: (delivery: Delivery) => void,
      spec: Partial<ConsumerSpec> = {},
    ) => {
      const got: string[] = [];
      const consuming = await during(
        streams.consume(name, { ...workers, ...spec }, (delivery) => {
          got.push(text(delivery));
          each(delivery);
        }),
      );
      return { got, stop: (withinMs = 100) => during(consuming.stop(withinMs)) };
    };
    return { ...world, say, size, collect, workers };
  };
  const done = (delivery: Delivery) => delivery.done();
  const keep = () => undefined;

  keeping(made, done);
  looking(made, done, keep);
  sharing(made, done, keep);
  failing(start, made, done, keep);
}

type Made = (spec?: Partial<StreamSpec>) => Promise<
  StreamsWorld & {
    readonly workers: ConsumerSpec;
    say(word: string, id?: string): Promise<{ sequence: number; duplicate: boolean }>;
    size(): Promise<number>;
    collect(
      streams: Streams,
      each: (delivery: Delivery) => void,
      spec?: Partial<ConsumerSpec>,
    ): Promise<{ got: string[]; stop(withinMs?: number): Promise<void> }>;
  }
>;
type Each = (delivery: Delivery) => void;

function keeping(made: Made, done: Each): void {
  it('keeps what nobody has dealt with yet, and hands it out in order', async () => {
    const { other, say, size, collect, until, end } = await made();
    for (const word of ['1', '2', '3']) await say(word);
    expect(await size()).toBe(3);
    const { got, stop } = await collect(other, done);
    await until(() => got.length === 3, 'three messages');
    expect(got).toEqual(['1', '2', '3']);
    await stop();
    expect(await size()).toBe(0);
    await end();
  });

  it('stores an id once', async () => {
    const { say, size, end } = await made();
    const first = await say('a', 'same');
    expect(await say('a', 'same')).toEqual({ ...first, duplicate: true });
    expect([first.duplicate, await size()]).toEqual([false, 1]);
    await end();
  });

  it('carries subject, headers, its place and when it was stored', async () => {
    const { name, one, during, end } = await made({ keeps: 'log' });
    await during(one.publish(`${name}.x.y`, bytes('b'), { id: '1', headers: { Kind: 'test' } }));
    const [found] = await during(one.read(name, { from: 1, limit: 9 }));
    expect(found).toMatchObject({ subject: `${name}.x.y`, headers: { Kind: 'test' }, sequence: 1 });
    expect([text(found as never), (found?.storedMs ?? 0) > Date.UTC(2020, 0, 1)]).toEqual(['b', true]);
    await end();
  });

  it('keeps a log for all its consumers, and lets the oldest go', async () => {
    const { name, one, other, say, collect, until, during, size, end } = await made({
      keeps: 'log',
      maxMessages: 3,
    });
    for (const word of ['1', '2', '3', '4']) await say(word);
    const left = await collect(one, done, { durable: 'left' });
    const right = await collect(other, done, { durable: 'right' });
    await until(() => left.got.length === 3 && right.got.length === 3, 'both have all');
    expect([left.got, right.got]).toEqual([
      ['2', '3', '4'],
      ['2', '3', '4'],
    ]);
    expect((await during(one.read(name, { from: 3, limit: 1 }))).map(text)).toEqual(['3']);
    expect(await size()).toBe(3);
    await end();
  });

  it('takes one message away, or all', async () => {
    const { name, one, say, during, size, end } = await made();
    const { sequence } = await say('1');
    for (const word of ['2', '3']) await say(word);
    expect(await during(one.remove(name, sequence))).toBe(true);
    expect(await during(one.remove(name, sequence))).toBe(false);
    expect((await during(one.read(name, { from: 1, limit: 9 }))).map(text)).toEqual(['2', '3']);
    expect([await during(one.purge(name)), await size()]).toEqual([2, 0]);
    await end();
  });

  it('brings limits up to date, and refuses to be something else', async () => {
    const { name, one, other, say, during, end } = await made({ maxMessages: 1 });
    const spec: StreamSpec = { name, subjects: [`${name}.>`], keeps: 'work' };
    await say('1');
    await expect(say('2')).rejects.toMatchObject({ code: 'STREAM_FULL', retryable: true });
    await during(other.ensure({ ...spec, maxMessages: 2 }));
    expect(await say('2')).toMatchObject({ duplicate: false });
    const misfit = { code: 'STREAM_MISFIT', retryable: false };
    await expect(during(one.ensure({ ...spec, keeps: 'log' }))).rejects.toMatchObject(misfit);
    await expect(during(one.ensure({ ...spec, subjects: ['else.>'] }))).rejects.toMatchObject(misfit);
    await expect(during(one.ensure({ ...spec, name: `${name}-2` }))).rejects.toMatchObject(misfit);
    await end();
  });

  it('says so when no stream keeps a subject, and when a message is too large', async () => {
    const { name, one, during, workers, end } = await made();
    const none = { code: 'STREAM_NONE' };
    await expect(during(one.publish('nobody.keeps', bytes('x'), { id: '1' }))).rejects.toMatchObject(none);
    await expect(during(one.size('NOT-THERE'))).rejects.toMatchObject(none);
    await expect(during(one.consume('NOT-THERE', workers, done))).rejects.toMatchObject(none);
    const large = during(one.publish(`${name}.a`, new Uint8Array(9 * 1_048_576), { id: '2' }));
    await expect(large).rejects.toMatchObject({ code: 'STREAM_TOO_LARGE' });
    expect(await during(one.publish(`${name}.a`, bytes('x'), { id: '3' }))).toMatchObject({ sequence: 1 });
    await end();
  });
}

function looking(made: Made, done: Each, keep: Each): void {
  it('finds the newest on a subject, and keeps no more of one subject than it may', async () => {
    const { name, one, other, during, end } = await made({ keeps: 'log', perSubject: 1 });
    const say = (subject: string, word: string) =>
      during(one.publish(`${name}.${subject}`, bytes(word), { id: word }));
    for (const [subject, word] of [
      ['a', 'old'],
      ['b.c', 'else'],
      ['a', 'new'],
    ] as const)
      await say(subject, word);
    const found = await during(other.newest(name, `${name}.a`));
    expect([found && text(found), found?.sequence]).toEqual(['new', 3]);
    expect(await during(other.newest(name, `${name}.b`))).toBeUndefined();
    expect((await during(one.read(name, { from: 1, limit: 9 }))).map(text)).toEqual(['else', 'new']);
    await end();
  });

  it('counts what is kept on a pattern, from a place on', async () => {
    const { name, one, other, during, end } = await made({ keeps: 'log', maxMessages: 6 });
    const say = (subject: string, n: number) =>
      during(one.publish(`${name}.${subject}`, bytes('x'), { id: String(n) }));
    for (let n = 0; n < 8; n++) await say(n % 2 === 0 ? 'even' : 'odd', n);
    const count = (filter: string, from: number) => during(other.count(name, { filter, from }));
    expect(await count(`${name}.>`, 1)).toBe(6);
    expect(await count(`${name}.even`, 1)).toBe(3);
    expect(await count(`${name}.even`, 5)).toBe(2);
    expect(await count(`${name}.odd`, 9)).toBe(0);
    expect((await during(one.backlog(name))).consumers).toEqual([]);
    await end();
  });

  it('tells how far each consumer is, and what it has not had', async () => {
    const { name, one, other, say, collect, until, pass, during, end } = await made({
      keeps: 'log',
      maxMessages: 4,
    });
    for (const word of ['1', '2', '3']) await say(word);
    const { got, stop } = await collect(other, keep, { atOnce: 2, settleMs: 60_000 });
    await until(() => got.length === 2, 'two are out');
    const look = () => during(one.backlog(name));
    const before = await look();
    expect(before).toMatchObject({ first: 1, last: 3 });
    expect(before.consumers).toMatchObject([
      { durable: 'workers', filter: `${name}.>`, handedOutTo: 2, handOuts: 2, unread: 1 },
    ]);
    await stop();
    for (const word of ['4', '5', '6', '7', '8']) await say(word);
    const after = await look();
    expect(after).toMatchObject({ first: 5, last: 8, consumers: [{ unread: 4, handOuts: 2 }] });
    await during(one.forget(name, 'workers'));
    await pass(100);
    await (await collect(one, done)).stop();
    const bornMs = (found: typeof before) => found.consumers[0]?.createdMs ?? 0;
    expect(bornMs(await look()) - bornMs(before)).toBeGreaterThanOrEqual(100);
    await end();
  });
}

function sharing(made: Made, done: Each, keep: Each): void {
  it('shares the work among those of one name, each message once', async () => {
    const { one, other, say, collect, until, end } = await made();
    const [left, right] = [
      await collect(one, done, { atOnce: 1 }),
      await collect(other, done, { atOnce: 1 }),
    ];
    const words = Array.from({ length: 40 }, (_, n) => String(n));
    for (const word of words) await say(word);
    await until(() => left.got.length + right.got.length >= 40, 'all were handed out');
    expect([...left.got, ...right.got].sort()).toEqual([...words].sort());
    expect(Math.min(left.got.length, right.got.length)).toBeGreaterThan(0);
    await end();
  });

  it('hands out no more than a consumer has credit for', async () => {
    const { one, say, collect, until, pass, end } = await made();
    for (const word of ['1', '2', '3', '4', '5']) await say(word);
    const out: Delivery[] = [];
    const { got } = await collect(one, (delivery) => out.push(delivery), { atOnce: 2, settleMs: 60_000 });
    await until(() => got.length === 2, 'two are out');
    await pass(150);
    expect(got).toEqual(['1', '2']);
    out[0]?.done();
    await until(() => got.length === 3, 'one more');
    await pass(150);
    expect(got).toEqual(['1', '2', '3']);
    await end();
  });

  it('hands out again what was not settled in time, or given back, and counts', async () => {
    const { one, say, collect, until, end } = await made();
    await say('late');
    await say('back');
    const tries: string[] = [];
    const { got } = await collect(one, (delivery) => {
      tries.push(`${text(delivery)} ${delivery.tries}`);
      if (delivery.tries > 1) delivery.done();
      else if (text(delivery) === 'back') delivery.again(10);
    });
    await until(() => got.length === 4, 'both came twice');
    expect([...tries].sort()).toEqual(['back 1', 'back 2', 'late 1', 'late 2']);
    await end();
  });

  it('leaves a message with who says that it is still working', async () => {
    const { one, say, collect, until, pass, size, end } = await made();
    await say('slow');
    const out: Delivery[] = [];
    const { got } = await collect(one, (delivery) => out.push(delivery), { settleMs: 600 });
    await until(() => out.length === 1, 'it is out');
    for (let times = 0; times < 4; times++) {
      await pass(300);
      out[0]?.working();
    }
    expect(got).toEqual(['slow']);
    out[0]?.done();
    await pass(900);
    expect([got.length, await size()]).toEqual([1, 0]);
    await end();
  });

  it('takes a message that nobody shall get out of the way', async () => {
    const { one, say, collect, until, pass, size, end } = await made();
    await say('poison');
    await say('fine');
    const { got } = await collect(one, (delivery) => {
      if (text(delivery) === 'poison') delivery.never();
      else delivery.done();
      delivery.again(0); // too late: it is settled
    });
    await until(() => got.length === 2, 'both came');
    await pass(150);
    expect([got, await size()]).toEqual([['poison', 'fine'], 0]);
    await end();
  });

  it('gives back what is out when it is stopped, and goes on where it was', async () => {
    const { one, other, say, collect, until, end } = await made();
    for (const word of ['1', '2', '3']) await say(word);
    const first = await collect(one, keep, { atOnce: 2, settleMs: 60_000 });
    await until(() => first.got.length === 2, 'two are out');
    await first.stop(10);
    const second = await collect(other, done);
    await until(() => second.got.length === 3, 'all three at once, not when a minute is over');
    expect([...second.got].sort()).toEqual(['1', '2', '3']);
    await end();
  });

  it('forgets how far a consumer was', async () => {
    const { name, one, say, collect, until, during, end } = await made({ keeps: 'log' });
    await say('1');
    const before = await collect(one, done);
    await until(() => before.got.length === 1, 'it came');
    await before.stop();
    await during(one.forget(name, 'workers'));
    const after = await collect(one, done);
    await until(() => after.got.length === 1, 'it came again');
    await end();
  });
}

function failing(start: () => Promise<StreamsWorld>, made: Made, done: Each, keep: Each): void {
  it('rejects with STREAMS_UNREACHABLE while it is down, and has kept everything when it is back', async () => {
    const { name, one, other, say, collect, until, pass, during, down, up, end } = await made();
    const { got } = await collect(other, done);
    await say('before');
    await until(() => got.length === 1, 'the first');
    await pass(100);
    await down();
    const lost = during(one.publish(`${name}.a`, bytes('lost'), { id: 'lost' }));
    await expect(lost).rejects.toMatchObject({ code: 'STREAMS_UNREACHABLE', retryable: true });
    await up();
    await say('lost');
    await say('after');
    await until(() => got.length >= 3, 'the consumer goes on by itself');
    expect(got).toEqual(['before', 'lost', 'after']);
    await end();
  });

  it('hands to another what the one who died had out', async () => {
    const { one, other, say, collect, until, end } = await made();
    await say('1');
    const dead = await collect(one, keep);
    await until(() => dead.got.length === 1, 'it is out');
    const alive = await collect(other, done);
    await until(() => alive.got.length === 1, 'the other has it');
    expect(alive.got).toEqual(['1']);
    await end();
  });

  it('refuses a second consumer of the same work', async () => {
    const { name, one, workers, during, end } = await made();
    await during(one.consume(name, workers, done));
    const second = during(one.consume(name, { ...workers, durable: 'second' }, done));
    await expect(second).rejects.toMatchObject({ code: 'STREAM_MISFIT' });
    await end();
  });

  it('refuses nothing that is not there yet: a stream may be ensured by everybody at once', async () => {
    const { name, one, other, during, end } = await start();
    const spec: StreamSpec = { name, subjects: [`${name}.>`], keeps: 'log' };
    await during(Promise.all([one.ensure(spec), other.ensure(spec), one.ensure(spec)]));
    expect(await during(other.size(name))).toEqual({ messages: 0, bytes: 0 });
    await end();
  });
}
