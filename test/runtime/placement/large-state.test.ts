/** A unit that holds more than any message: it is handed over whole, or goes on where it is. */
import { expect, it } from 'vitest';
import { accept, defineActor, placedRef, type UnitStart, worker } from '../../../runtime/index.ts';
import { meanwhile } from '../remote/nodes.ts';
import { unit } from './facts.ts';
import { type PlacedNode, placedNodes } from './nodes.ts';

type HoardMessage = { readonly type: 'grow'; readonly by: number } | { readonly type: 'give' | 'look' };
interface Hoard {
  since: string;
  text: string;
}

/** Grows when it is told to, and remembers on which node it began. */
const hoard = (node: string) =>
  defineActor<Hoard, HoardMessage, never, UnitStart>({
    name: 'hoard',
    fresh: (_cx, { given }) => ({ since: node, text: '', ...(given as Hoard | undefined) }),
    decide: {
      grow: (state, { by }) => {
        state.text += '0123456789'.repeat(by / 10);
        return accept();
      },
      give: (state) => accept({ ...state }),
      look: ({ since, text }) => accept([node, since, text.length]),
    },
  });

async function cluster() {
  const world = placedNodes({ generation: 1, units: [unit('hoard')] }, (node) => ({
    hoard: {
      children: (start) => [worker(hoard(node), { args: start })],
      handover: { take: (door, withinMs) => door.ask({ type: 'give' }, { withinMs }) },
    },
  }));
  const all: PlacedNode[] = [];
  for (const name of ['n1', 'n2']) all.push(await world.start(name));
  const home = () => all.find(({ name }) => name === world.running(all, 'hoard')[0]);
  await world.until(() => home() !== undefined);
  const old = home() as PlacedNode;
  const heir = all.find((node) => node !== old) as PlacedNode;
  const ask = (message: HoardMessage) => {
    const ref = placedRef<HoardMessage>(old.system, 'hoard');
    return meanwhile(world.clock, ref.ask(message, { withinMs: 8_000 }));
  };
  return { ...world, all, old, heir, home, ask };
}

it('what it holds is on the other node, many messages long', async () => {
  const { old, heir, home, ask, command, until } = await cluster();
  await ask({ type: 'grow', by: 5_000_000 });
  await command(old, { do: 'move', unit: 'hoard', to: heir.name });
  await until(() => home() === heir);

  expect(await ask({ type: 'look' })).toEqual([heir.name, old.name, 5_000_000]);
});

it('more than can travel stays, whole, and whoever asked can read why', async () => {
  const { old, heir, home, ask, command, until, status, clock } = await cluster();
  await ask({ type: 'grow', by: 40_000_000 });
  await command(old, { do: 'move', unit: 'hoard', to: heir.name });
  await clock.advance(3_000);
  await until(() => home() !== undefined);

  expect(await ask({ type: 'look' })).toEqual([old.name, old.name, 40_000_000]);
  expect((await status(old)).units[0]?.why).toMatch(/^PLACEMENT_STATE_TOO_LARGE/);
});

it('a node that is lost while it is given a state leaves it whole where it was', async () => {
  const { old, heir, home, ask, command, until, clock, running, all } = await cluster();
  await ask({ type: 'grow', by: 20_000_000 });
  await command(old, { do: 'move', unit: 'hoard', to: heir.name });
  await until(() => running(all, 'hoard').length === 0);
  await clock.advance(20);
  heir.crash();
  await until(() => home() === old, 60_000);

  expect(await ask({ type: 'look' })).toEqual([old.name, old.name, 20_000_000]);
});
