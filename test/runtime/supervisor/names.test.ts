/** A name beside a path: one actor has it, from its first start until it ends for good. */
import { describe, expect, it } from 'vitest';
import { type ActorDefinition, accept, type Message, worker } from '../../../runtime/index.ts';
import { startWorld } from '../support/world.ts';

const clerk: ActorDefinition<null, Message> = {
  name: 'clerk',
  fresh: () => null,
  decide: {
    where: (_state, _message, cx) => accept(cx.path),
    fall: (_state, _message, cx) => {
      cx.fail(new Error('fell'));
      return accept();
    },
  },
};
const named = (id: string) => worker(clerk, { id, register: 'clerk' });

describe('a registered name', () => {
  it('finds its holder wherever it lives, through crashes too', async () => {
    const { system, clock } = await startWorld([named('a')]);
    const ref = system.ref('@clerk');
    expect(ref.callNow({ type: 'where' })).toBe('top/a');
    ref.send({ type: 'fall' });
    await clock.settle();

    expect(ref.incarnation).toBe(2);
    expect(system.whereis('clerk')?.path).toBe('top/a');
  });

  it('moves to another when its holder has ended', async () => {
    const { system } = await startWorld([named('a')]);
    const [ref, handle] = [system.ref('@clerk'), system.supervisor('top')];
    await handle.terminate('a');
    expect(system.whereis('clerk')).toBeNull();
    expect(ref.send({ type: 'where' })).toBe(false);
    await handle.start(named('b'));

    expect(ref.callNow({ type: 'where' })).toBe('top/b');
  });

  it('that a stranger holds is refused with the path of the stranger, and the supervisor lives', async () => {
    const { system } = await startWorld([named('a')]);
    const handle = system.supervisor('top');

    expect(await handle.start(named('b'))).toMatchObject({
      refused: 'REGISTRY_NAME_TAKEN',
      details: { name: 'clerk', path: 'top/a' },
    });
    expect(handle.count()).toMatchObject({ specs: 1, active: 1 });
    expect(handle.child('b')).toMatchObject({ refused: 'SUPERVISOR_CHILD_NOT_FOUND' });
  });
});
