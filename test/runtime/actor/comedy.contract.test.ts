/** What is relied on in comedy 2.1.7, and each of its bugs that this runtime goes around: a new version must pass both. */
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { comedyOwnership } from '../../../runtime/adapters/comedy/index.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { startSystem, supervisor, worker } from '../../../runtime/index.ts';
import { type CounterMessage, counter } from '../support/counter.ts';
import { worldPorts } from '../support/world.ts';

interface Actor {
  createChild(definition: object, config?: object): Promise<Actor>;
  send(topic: string, ...message: unknown[]): Promise<void>;
  sendAndReceive(topic: string, ...message: unknown[]): Promise<unknown>;
  destroy(): Promise<void>;
  tree(): Promise<{ readonly children?: readonly { readonly name: string }[] }>;
}

const require = createRequire(import.meta.url);
const comedy = require('comedy') as {
  createSystem(options: object): { rootActor(): Promise<Actor>; destroy(): Promise<void> };
};
const immediate = () => new Promise<void>((resolve) => setImmediate(resolve));
const hooks = { enqueue: () => {}, metrics: () => ({}), destroyed: () => {} };

/** Plain comedy, as it comes. */
async function plain<T>(story: (root: Actor) => Promise<T>): Promise<T> {
  const system = comedy.createSystem({ config: {}, test: true });
  try {
    return await story(await system.rootActor());
  } finally {
    await system.destroy();
  }
}

async function owned() {
  const made = worldPorts();
  const ownership = await comedyOwnership({ log: made.log });
  const flags = { strategy: 'one_for_one', intensity: 9, periodMs: 1_000 } as const;
  const diary: string[] = [];
  const tree = supervisor('top', flags, [supervisor('inner', flags, [worker(counter('a', diary))])]);
  const system = await startSystem(tree, { ...made.ports, ownership });
  return { ...made, ownership, system, diary, ref: system.ref<CounterMessage>('top/inner/a') };
}

describe('comedy is pinned', () => {
  it('at the version this was measured with', () => {
    expect((require('comedy/package.json') as { version: string }).version).toBe('2.1.7');
  });
});

describe('bugs of comedy that are gone around', () => {
  it('inverts the order of a tell and an ask; our refs keep it', async () => {
    const seen = await plain(async (root) => {
      const order: string[] = [];
      const actor = await root.createChild({ note: (text: string) => void order.push(text) });
      await Promise.all([actor.send('note', 'first'), actor.sendAndReceive('note', 'second')]);
      await immediate();
      return order;
    });
    expect(seen).toEqual(['second', 'first']);

    const { system, ref } = await owned();
    ref.send({ type: 'add', by: 1 });
    expect(await ref.ask({ type: 'get' }, { withinMs: 1_000 })).toBe(1);
    await system.stop();
  });

  it('runs async handlers on top of each other; our cells do not', async () => {
    const count = await plain(async (root) => {
      let value = 0;
      const actor = await root.createChild({
        async add() {
          const read = value;
          await null;
          value = read + 1;
        },
      });
      await Promise.all(Array.from({ length: 100 }, () => actor.sendAndReceive('add')));
      return value;
    });
    expect(count).toBeLessThan(100);

    const { system, ref } = await owned();
    await Promise.all(Array.from({ length: 100 }, () => ref.ask({ type: 'slowly' }, { withinMs: 1_000 })));
    expect(await ref.ask({ type: 'get' }, { withinMs: 1_000 })).toBe(100);
    await system.stop();
  });

  it('says nothing when a handler throws; our supervisors hear of it', async () => {
    await plain(async (root) => {
      const actor = await root.createChild({
        fall() {
          throw new Error('fell');
        },
      });
      await expect(actor.send('fall')).resolves.not.toThrow();
    });

    const { system, ref, clock } = await owned();
    ref.send({ type: 'crash' });
    await clock.settle();
    expect(system.tree().children[0]?.crashes).toBe(2);
    await system.stop();
  });

  it('waits for ever to destroy an actor whose handler hangs; ours is fenced and abandoned', async () => {
    let release: (value?: unknown) => void = () => {};
    await plain(async (root) => {
      const actor = await root.createChild({
        hang: () =>
          new Promise((resolve) => {
            release = resolve;
          }),
      });
      actor.sendAndReceive('hang').catch(() => {});
      await immediate();
      let destroyed = false;
      const destroying = actor.destroy().then(() => {
        destroyed = true;
      });
      for (let i = 0; i < 20; i++) await immediate();
      expect(destroyed).toBe(false);
      release();
      await destroying;
    });

    const made = worldPorts();
    const ownership = await comedyOwnership({ log: made.log });
    const hung = { name: 'hung', fresh: () => null, decide: { hang: () => new Promise<never>(() => {}) } };
    const flags = { strategy: 'one_for_one', intensity: 9, periodMs: 1_000 } as const;
    const tree = supervisor('top', flags, [worker(hung, { shutdown: { withinMs: 10 } })]);
    const system = await startSystem(tree, { ...made.ports, ownership });
    system.ref('top/hung').send({ type: 'hang' });
    await made.clock.settle();
    const stopped = system.stop();
    await made.clock.advance(10);
    await expect(stopped).resolves.toBeUndefined();
  });

  it('leaves the process at SIGINT and SIGTERM; ours leaves no handler behind', async () => {
    const count = () => process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');
    const before = count();
    const raw = comedy.createSystem({ config: {}, test: true });
    expect(count()).toBe(before + 2);
    await raw.destroy();

    const { system } = await owned();
    expect(count()).toBe(before);
    await system.stop();
    expect(count()).toBe(before);
  });

  it('offers modes that lose messages, errors or processes; ours refuses them', async () => {
    for (const mode of ['forked', 'threaded', 'remote']) {
      await expect(comedyOwnership({ log: memoryLog(), mode })).rejects.toMatchObject({
        code: 'COMEDY_MODE_REFUSED',
        details: { mode },
      });
    }
  });
});

describe('what is relied on', () => {
  it('mirrors the supervision tree, and forgets what was released', async () => {
    const destroyed: string[] = [];
    const ownership = await comedyOwnership({ log: memoryLog() });
    const hook = (name: string) => ({ ...hooks, destroyed: () => void destroyed.push(name) });
    const parent = await ownership.root.own('parent', hook('parent'));
    const child = await parent.own('child', hook('child'));
    await parent.own('other', hook('other'));
    await child.release();
    await child.release();
    expect(destroyed).toEqual(['child']);
    await ownership.close();

    expect(destroyed).toEqual(['child', 'other', 'parent']);
  });

  it('has nobody own anything after release', async () => {
    const ownership = await comedyOwnership({ log: memoryLog() });
    const parent = await ownership.root.own('parent', hooks);
    await parent.release();

    await expect(parent.own('late', hooks)).rejects.toMatchObject({ code: 'OWNERSHIP_CLOSED' });
    await ownership.close();
  });

  it('ends a tree house by house, each before its own walls, and takes in nobody meanwhile', async () => {
    const destroyed: string[] = [];
    const hook = (name: string) => ({ ...hooks, destroyed: () => void destroyed.push(name) });
    const ownership = await comedyOwnership({ log: memoryLog() });
    const top = await ownership.root.own('top', hook('top'));
    for (const name of ['a', 'b']) {
      const house = await top.own(name, hook(name));
      for (let i = 0; i < 100; i++) await house.own(`${name}${i}`, hook(name.toUpperCase()));
    }
    const released = top.release();
    await expect(top.own('late', hooks)).rejects.toMatchObject({ code: 'OWNERSHIP_CLOSED' });
    await released;

    const house = (name: string) => [...new Array<string>(100).fill(name.toUpperCase()), name];
    expect(destroyed).toEqual([...house('a'), ...house('b'), 'top']);
    await ownership.close();
  });

  it('restarts in place without comedy: an actor falls and stands up, its owner does not notice', async () => {
    const { system, ref, diary } = await owned();
    expect(() => ref.callNow({ type: 'crash' })).toThrow();
    await system.stop();

    expect(diary).toEqual(['a starts', 'a ends (crashed)', 'a starts', 'a ends (shutdown)']);
  });

  it('stops a cell whose comedy actor is destroyed from outside', async () => {
    const { ownership, ref, system } = await owned();
    await ownership.close();

    expect(ref.send({ type: 'get' })).toBe(false);
    await system.stop();
  });

  it('keeps fan-out in groups, so that 2,000 siblings are torn down in linear time', async () => {
    const ownership = await comedyOwnership({ log: memoryLog() });
    let destroyed = 0;
    const hook = { ...hooks, destroyed: () => void destroyed++ };
    await Promise.all(Array.from({ length: 2_000 }, (_, i) => ownership.root.own(`c${i}`, hook)));
    await ownership.close();

    expect(destroyed).toBe(2_000);
  });

  it('takes a seat again when a child has left it', async () => {
    const ownership = await comedyOwnership({ log: memoryLog() });
    const { root } = ownership;
    const first = await Promise.all(Array.from({ length: 200 }, (_, i) => root.own(`c${i}`, hooks)));
    for (let round = 0; round < 5; round++) {
      const some = first.splice(0, 100);
      for (const child of some) await Promise.all([child.release(), child.release()]);
      first.push(...(await Promise.all(some.map((_, i) => root.own(`r${round}-${i}`, hooks)))));
    }
    const made = await root.own('last', { ...hooks, metrics: () => ({ last: 1 }) });
    expect(made).toBeDefined();
    await ownership.close();
    await expect(root.own('late', hooks)).rejects.toMatchObject({ code: 'OWNERSHIP_CLOSED' });
  });
});
