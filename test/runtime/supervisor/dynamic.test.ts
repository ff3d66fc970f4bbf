/** Children on demand: light cells under one actor, each with its own budget of restarts. */
import { describe, expect, it } from 'vitest';
import {
  type ActorDefinition,
  accept,
  type DynamicOptions,
  type Message,
  worker,
} from '../../../runtime/index.ts';
import { type CounterMessage, counter } from '../support/counter.ts';
import { startWorld } from '../support/world.ts';

type GardenMessage =
  | { readonly type: 'plant'; readonly id: string; readonly heavy?: boolean }
  | { readonly type: 'pull'; readonly id: string }
  | { readonly type: 'ids' }
  | { readonly type: 'crash' };

function garden(diary: string[], options: DynamicOptions = {}): ActorDefinition<null, GardenMessage> {
  return {
    name: 'garden',
    fresh: () => null,
    decide: {
      plant: (_state, { id, heavy = false }, cx) => {
        const ref = cx
          .children(options)
          .start({ ...counter(id, diary), light: !heavy }, { id, args: undefined });
        return accept(ref.path);
      },
      pull: (_state, { id }, cx) => {
        cx.children().stop(id);
        return accept();
      },
      ids: (_state, _message, cx) => accept(cx.children().ids()),
      crash: () => {
        throw new Error('frost');
      },
    },
  };
}

async function planted(options: DynamicOptions = {}) {
  const diary: string[] = [];
  const world = await startWorld([worker(garden(diary, options))]);
  const parent = world.system.ref<GardenMessage>('top/garden');
  parent.callNow({ type: 'plant', id: 's1' });
  parent.callNow({ type: 'plant', id: 's2' });
  return { ...world, diary, parent, seed: world.system.ref<CounterMessage>('top/garden/s1') };
}

describe('a dynamic supervisor', () => {
  it('starts a child at once, below its parent', async () => {
    const { parent, seed, system } = await planted();
    seed.callNow({ type: 'add', by: 2 });

    expect(seed.callNow({ type: 'get' })).toBe(2);
    expect(parent.callNow({ type: 'ids' })).toEqual(['s1', 's2']);
    expect(system.tree().children[0]?.children.map(({ path }) => path)).toEqual([
      'top/garden/s1',
      'top/garden/s2',
    ]);
  });

  it('restarts a child in place; its parent and siblings do not notice', async () => {
    const { seed, parent, diary } = await planted();
    expect(() => seed.callNow({ type: 'crash' })).toThrow();

    expect(seed.incarnation).toBe(2);
    expect(parent.incarnation).toBe(1);
    expect(diary).toEqual(['s1 starts', 's2 starts', 's1 ends (crashed)', 's1 starts']);
  });

  it('gives a child up that falls too often, and the parent goes on', async () => {
    const givenUp: string[] = [];
    const { seed, parent } = await planted({ intensity: 1, onGiveUp: (id) => void givenUp.push(id) });
    for (let i = 0; i < 2; i++) expect(() => seed.callNow({ type: 'crash' })).toThrow();

    expect(givenUp).toEqual(['s1']);
    expect(parent.callNow({ type: 'ids' })).toEqual(['s2']);
    expect(() => seed.callNow({ type: 'get' })).toThrow(expect.objectContaining({ code: 'ACTOR_GONE' }));
  });

  it('stops children by id, and all of them, newest first, with their parent', async () => {
    const { parent, diary, system } = await planted();
    parent.callNow({ type: 'plant', id: 's3' });
    parent.callNow({ type: 'pull', id: 's2' });
    await system.stop();

    expect(diary.slice(3)).toEqual(['s2 ends (shutdown)', 's3 ends (shutdown)', 's1 ends (shutdown)']);
  });

  it('does not recreate children when the parent restarts', async () => {
    const { parent, clock, system } = await planted();
    parent.send({ type: 'crash' });
    await clock.settle();

    expect(parent.callNow({ type: 'ids' })).toEqual([]);
    expect(system.ref<Message>('top/garden/s1').send({ type: 'get' })).toBe(false);
  });

  it.each([
    ['DYNAMIC_ID_TAKEN', { type: 'plant', id: 's1' }, {}],
    ['DYNAMIC_NOT_LIGHT', { type: 'plant', id: 's9', heavy: true }, {}],
    ['DYNAMIC_FULL', { type: 'plant', id: 's9' }, { maxChildren: 2 }],
  ] as const)('says %s', async (code, message, options) => {
    const { parent } = await planted(options);

    expect(() => parent.callNow(message)).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ code }) }),
    );
  });
});
