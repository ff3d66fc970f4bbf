import { describe, expect, it } from 'vitest';
import { type ActorDefinition, accept, refuse, worker } from '../../../runtime/index.ts';
import { meanwhile, nodes } from './nodes.ts';

type HostMessage =
  | { readonly type: 'add'; readonly by: number }
  | { readonly type: 'get' }
  | { readonly type: 'no' }
  | { readonly type: 'crash' }
  | { readonly type: 'never' }
  | { readonly type: 'strange' }
  | { readonly type: 'end' };

const log = (heard: number[]): ActorDefinition<number[], HostMessage> => ({
  name: 'log',
  fresh: () => heard,
  decide: {
    add: (all, { by }) => {
      all.push(by);
      return accept();
    },
    get: (all) => accept([...all]),
    no: () => refuse('LOG_SAYS_NO', { why: 'today is not the day' }),
    crash: () => {
      throw new Error('the log fell');
    },
    never: () => new Promise(() => {}),
    strange: () => accept(new Set([1])),
    end: (_all, _message, cx) => {
      cx.stop();
      return accept();
    },
  },
});

const pair = async (seed = 1) => {
  const world = nodes(seed);
  const heard: number[] = [];
  const a = await world.start('a', []);
  const b = await world.start('b', [worker(log(heard), { restart: 'transient' })]);
  await world.clock.advance(100);
  return { ...world, a, b, heard, ref: a.system.ref<HostMessage>('//b/esper/log') };
};

describe('an actor on another node', () => {
  it('is told and asked like any other', async () => {
    const { clock, ref, heard } = await pair();
    for (const by of [1, 2, 3]) expect(ref.send({ type: 'add', by })).toBe(true);

    expect(await meanwhile(clock, ref.ask({ type: 'get' }, { withinMs: 1_000 }))).toEqual([1, 2, 3]);
    expect(heard).toEqual([1, 2, 3]);
    expect(ref.incarnation).toBe(1);
  });

  it('answers with its refusals and failures, code and message kept', async () => {
    const { clock, ref } = await pair();
    const ask = (type: 'no' | 'crash' | 'strange') =>
      meanwhile(clock, ref.ask({ type }, { withinMs: 5_000 }));

    await expect(ask('no')).rejects.toMatchObject({
      code: 'ACTOR_REFUSED',
      details: { refused: 'LOG_SAYS_NO', details: { why: 'today is not the day' } },
    });
    await expect(ask('crash')).rejects.toMatchObject({
      code: 'ACTOR_CRASHED',
      message: 'esper/log crashed: the log fell',
    });
    await expect(ask('strange')).rejects.toMatchObject({ details: { refused: 'CODEC_UNENCODABLE' } });
  });

  it('keeps deadlines, and says so when nobody lives there', async () => {
    const { clock, a, ref } = await pair();
    await expect(meanwhile(clock, ref.ask({ type: 'never' }, { withinMs: 50 }))).rejects.toMatchObject({
      code: 'ACTOR_TIMEOUT',
    });
    const nobody = a.system.ref('//b/esper/nobody');
    await expect(meanwhile(clock, nobody.ask({ type: 'get' }, { withinMs: 1_000 }))).rejects.toMatchObject({
      code: 'ACTOR_GONE',
      retryable: true,
    });
  });

  it('cannot be called in place', async () => {
    const { ref } = await pair();
    expect(() => ref.callNow({ type: 'get' })).toThrow(expect.objectContaining({ code: 'REMOTE_NO_CALL' }));
  });

  it('is found under the name of this node too', async () => {
    const { clock, b } = await pair();
    const own = b.system.ref<HostMessage>('//b/esper/log');
    own.send({ type: 'add', by: 9 });
    expect(await meanwhile(clock, own.ask({ type: 'get' }, { withinMs: 100 }))).toEqual([9]);
  });

  it('refuses what is too large or no data before it is sent, and counts it as a dead letter', async () => {
    const { clock, a } = await pair();
    const ref = a.system.ref<{ type: string; body: unknown }>('//b/esper/log');
    const large = { type: 'add', body: new Uint8Array(600_000) };

    expect(ref.send(large)).toBe(false);
    expect(ref.send({ type: 'add', body: new Set([1]) })).toBe(false);
    await expect(meanwhile(clock, ref.ask(large, { withinMs: 100 }))).rejects.toMatchObject({
      details: { refused: 'REMOTE_TOO_LARGE' },
    });
    expect(a.system.deadLetters.recent().map(({ reason }) => reason)).toEqual([
      'unsendable',
      'unsendable',
      'unsendable',
    ]);
  });
});
