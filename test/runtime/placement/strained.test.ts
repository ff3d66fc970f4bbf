/** A node whose tasks starve is spared: what is new goes elsewhere, what it has stays, and nothing wanders to and fro. */
import { expect, it } from 'vitest';
import { accept, defineActor, worker } from '../../../runtime/index.ts';
import { feedback, unit } from './facts.ts';
import { type PlacedNode, placedNodes } from './nodes.ts';

const UNITS = ['a', 'b', 'c'] as const;
const idle = defineActor<null, { readonly type: 'poke' }>({
  name: 'idle',
  fresh: () => null,
  decide: { poke: () => accept() },
});

async function cluster() {
  const plan = { generation: 1, units: UNITS.map((name) => unit(name)) };
  const world = placedNodes(plan, () =>
    Object.fromEntries(UNITS.map((name) => [name, { children: () => [worker(idle)] }])),
  );
  const all: PlacedNode[] = [];
  const join = async (name: string) => {
    const node = await world.start(name);
    all.push(node);
    return node;
  };
  /** Lets so many milliseconds pass in which the schedulers of that node say this. */
  const feel = async ({ strain }: PlacedNode, worstWaitMs: (beat: number) => number, forMs: number) => {
    for (let beat = 0; beat < forMs / 500; beat++) {
      strain.note(feedback(worstWaitMs(beat)));
      await world.clock.advance(500);
    }
  };
  const homes = () => UNITS.map((name) => world.running(all, name)[0] ?? '');
  const tenures = () =>
    all.flatMap(({ name, placement }) =>
      placement.facts().units.map(({ unit, epoch }) => `${unit}@${name}:${epoch}`),
    );
  return { ...world, join, feel, homes, tenures };
}

it('what is new goes to other nodes, although they have company, until the node has eased', async () => {
  const { join, feel, homes, until, command, clock } = await cluster();
  const hungry = await join('n1');
  hungry.strain.note(feedback(20_000));
  await feel(hungry, () => 20_000, 3_000);
  expect(homes()).toEqual(['', '', '']);
  const other = await join('n2');
  await feel(hungry, () => 20_000, 4_000);
  expect(homes()).toEqual(['n2', 'n2', 'n2']);

  await clock.advance(30_000);
  await command(other, { do: 'restart', unit: 'b' });
  await until(() => homes()[1] === 'n1');
});

it('what it has stays with it, and is what it was', async () => {
  const { join, feel, homes, tenures, until } = await cluster();
  const first = await join('n1');
  await join('n2');
  await until(() => !homes().includes(''));
  const before = tenures();
  expect(new Set(homes()).size).toBe(2);
  await feel(first, () => 20_000, 20_000);

  expect(tenures()).toEqual(before);
});

it('a unit that cannot settle does not wander while a node is about to starve, and is not, by turns', async () => {
  const { join, feel, homes, until, command, tenures } = await cluster();
  const [wavering, steady] = [await join('n1'), await join('n2')];
  await until(() => !homes().includes(''));
  const wavers = (beat: number) => (beat % 4 < 2 ? 5_400 : 4_600);
  await feel(wavering, wavers, 4_000);
  for (let round = 0; round < 4; round++) {
    for (const name of UNITS) await command(steady, { do: 'restart', unit: name });
    await feel(wavering, wavers, 5_000);
    expect(homes()).toEqual(['n2', 'n2', 'n2']);
  }
  expect(tenures()).toHaveLength(UNITS.length);
});
