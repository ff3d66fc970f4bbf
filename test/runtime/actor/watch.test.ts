/** Death watch: one Down for each watch, with the incarnation that ended. */
import { describe, expect, it } from 'vitest';
import { type ActorDefinition, accept, type Down, worker } from '../../../runtime/index.ts';
import { counter } from '../support/counter.ts';
import { startWorld } from '../support/world.ts';

type Hears = Down | { readonly type: 'watch'; readonly path: string };

function widow(heard: Down[]): ActorDefinition<null, Hears> {
  return {
    name: 'widow',
    fresh: () => null,
    decide: {
      watch: (_state, { path }, cx) => {
        cx.watch(cx.ref(path));
        return accept();
      },
      'runtime.down': (_state, down) => {
        heard.push(down);
        return accept();
      },
    },
  };
}

async function watching(path: string) {
  const heard: Down[] = [];
  const world = await startWorld([worker(counter('a'), { restart: 'transient' }), worker(widow(heard))]);
  world.system.ref<Hears>('top/widow').send({ type: 'watch', path });
  await world.clock.settle();
  return { ...world, heard };
}

describe('a watcher', () => {
  it('hears once of a crash, with the incarnation that ended', async () => {
    const { system, clock, heard } = await watching('top/a');
    system.ref('top/a').send({ type: 'crash' });
    await clock.settle();

    expect(heard).toMatchObject([{ path: 'top/a', incarnation: 1, reason: { kind: 'crashed' } }]);
  });

  it('hears of a normal end', async () => {
    const { system, clock, heard } = await watching('top/a');
    system.ref('top/a').send({ type: 'finish' });
    await clock.settle();

    expect(heard).toMatchObject([{ incarnation: 1, reason: { kind: 'normal' } }]);
  });

  it('hears at once when there is nobody to watch', async () => {
    const { heard } = await watching('top/nobody');

    expect(heard).toMatchObject([{ path: 'top/nobody', incarnation: 0 }]);
  });

  it('hears nothing while all is well', async () => {
    const { heard } = await watching('top/a');

    expect(heard).toEqual([]);
  });
});
