/** Trees of trees: what stays inside, what climbs, and what is not made again. */
import { describe, expect } from 'vitest';
import { supervisor, worker } from '../../runtime/index.ts';
import { startWorld } from '../runtime/support/world.ts';
import { no, yes } from './support/answer.ts';
import { child } from './support/child.ts';
import { conforms } from './support/conforms.ts';
import { ends, lives, refTo } from './support/story.ts';

const HOUR = 3_600_000;

describe('tree', () => {
  conforms('child_unlink', async () => {
    const deaf = { ...child('a'), stopped: () => new Promise<void>(() => {}) };
    const world = await startWorld([worker(deaf, { shutdown: { withinMs: 200 } }), worker(child('b'))]);
    const handle = world.system.supervisor('top');
    refTo(world, 'a').send({ type: 'hang' });
    await world.clock.settle();
    const over = handle.terminate('a');
    await world.clock.advance(100);
    expect(yes(handle.child('b')).state).toBe('running');
    await world.clock.advance(100);

    expect(await over).toBeNull();
    expect(yes(handle.child('a'))).toMatchObject({ state: 'undefined', ref: null });
    expect(refTo(world, 'a').send({ type: 'get' })).toBe(false);
    yes(await handle.restart('a'));
    expect(lives(world)).toBe('a2 b1');
  });

  conforms('tree', async () => {
    const diary: string[] = [];
    const once = { strategy: 'one_for_one', intensity: 1, periodMs: HOUR } as const;
    const inner = (id: string, restart: 'permanent' | 'transient') =>
      supervisor(
        id,
        { ...once, restart, autoShutdown: 'any_significant', significant: false },
        ['x', 'y'].map((name) => worker(child(name, diary), { restart: 'transient', significant: true })),
      );
    const world = await startWorld(
      [worker(child('a', diary)), inner('left', 'permanent'), inner('right', 'transient')],
      { strategy: 'one_for_all', intensity: 3, periodMs: HOUR },
    );
    const left = world.system.supervisor('top/left');
    yes(await left.start(worker(child('z', diary), { restart: 'transient' })));
    diary.length = 0;

    // an inner failure replaces the child and nobody else
    await ends(world, 'left/x', 'crash');
    expect(lives(world)).toBe('a1 left1 right1');
    expect(lives(world, 'left')).toBe('x2 y1 z1');

    // inner escalation replaces the inner tree, under the outer strategy; what was started by hand is not made again
    await ends(world, 'left/y', 'crash');
    expect(lives(world)).toBe('a2 left2 right2');
    expect(lives(world, 'left')).toBe('x3 y2');
    expect(no(left.child('z'))).toBe('SUPERVISOR_CHILD_NOT_FOUND');
    expect(refTo(world, 'left/z').send({ type: 'get' })).toBe(false);

    // a transient supervisor that ends by itself stays away, until all restart
    await ends(world, 'right/x', 'normal');
    expect(lives(world)).toBe('a2 left2');
    await ends(world, 'a', 'crash');
    expect(lives(world)).toBe('a3 left3 right3');
    expect(lives(world, 'right')).toBe('x3 y3');

    // and so does one that was terminated by hand
    await world.system.supervisor('top').terminate('right');
    expect(lives(world)).toBe('a3 left3');
    await ends(world, 'a', 'crash');
    expect(lives(world)).toBe('a4 left4 right4');

    // one failure too many takes everybody
    await ends(world, 'a', 'crash');
    expect(await world.system.done).toMatchObject({ kind: 'crashed', error: { code: 'SUPERVISOR_GAVE_UP' } });
    const count = (word: string) => diary.filter((line) => line.includes(word)).length;
    const livedBefore = 6;
    expect(count('ends')).toBe(livedBefore + count('starts'));
  });
});
