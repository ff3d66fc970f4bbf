/** Three nodes: units are placed, found by name, moved with what they know, and lost and found again. */
import { expect, it } from 'vitest';
import { EsperError } from '../../../contracts/index.ts';
import { accept, defineActor, placedRef, type UnitStart, worker } from '../../../runtime/index.ts';
import { meanwhile } from '../remote/nodes.ts';
import { unit } from './facts.ts';
import { type PlacedNode, placedNodes } from './nodes.ts';

type ListMessage =
  | { readonly type: 'note'; readonly n: number }
  | { readonly type: 'list' }
  | { readonly type: 'give' };

/** Remembers what it was told, in order. */
const list = (node: string) =>
  defineActor<number[], ListMessage, never, UnitStart>({
    name: 'list',
    fresh: (_cx, { given }) => [...((given as number[] | undefined) ?? [])],
    decide: {
      note: (state, { n }) => {
        state.push(n);
        return accept(node);
      },
      list: (state) => accept([...state]),
      give: (state) => accept([...state]),
    },
  });

const three = async (rest: Parameters<typeof unit>[1] = {}) => {
  const world = placedNodes({ generation: 1, units: [unit('list', rest)] }, (node) => ({
    list: {
      children: (start) => [worker(list(node), { args: start })],
      handover: { take: (door, withinMs) => door.ask({ type: 'give' }, { withinMs }) },
    },
  }));
  const all: PlacedNode[] = [];
  for (const name of ['n1', 'n2', 'n3']) all.push(await world.start(name));
  await world.until(() => world.running(all, 'list').length === 1);
  const home = () => all.find(({ name }) => name === world.running(all, 'list')[0]) as PlacedNode;
  const others = () => all.filter((node) => node !== home());
  return { ...world, all, home, others };
};

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const listed = async (
  world: Awaited<ReturnType<typeof three>>,
  node: PlacedNode,
): Promise<readonly number[]> =>
  meanwhile(
    world.clock,
    placedRef<ListMessage>(node.system, 'list').ask<readonly number[]>({ type: 'list' }, { withinMs: 8_000 }),
  );

it('a unit runs on one node and is found by the same name on all', async () => {
  const world = await three();
  const { clock, all, home } = world;
  for (const { system } of all) {
    const told = placedRef<ListMessage>(system, 'list').ask({ type: 'note', n: 1 }, { withinMs: 5_000 });
    expect(await meanwhile(clock, told)).toBe(home().name);
  }
  expect((await world.status(all[0] as PlacedNode)).units).toMatchObject([
    { unit: 'list', node: home().name, state: 'running' },
  ]);
});

it('a unit that is moved under load keeps its state, and every message of every sender in order', async () => {
  const world = await three();
  const { clock, home, others, all } = world;
  const [sender, heir] = others() as [PlacedNode, PlacedNode];
  const old = home();
  const refs = [sender, old, heir].map(({ system }) => placedRef<ListMessage>(system, 'list'));
  const moving = world.command(sender, { do: 'move', unit: 'list', to: heir.name });
  for (const n of numbers(300)) {
    // Hundreds, so that each sender's numbers can be told apart.
    refs.forEach((ref, at) => void ref.send({ type: 'note', n: at * 1_000 + n }));
    await clock.advance(10);
  }
  await moving;
  await world.until(() => world.running(all, 'list')[0] === heir.name);

  const told = await listed(world, sender);
  for (const at of [0, 1, 2])
    expect(told.filter((n) => Math.floor(n / 1_000) === at)).toEqual(numbers(300).map((n) => at * 1_000 + n));
  expect((await world.status(sender)).units).toMatchObject([{ node: heir.name, state: 'running' }]);
});

it('a unit whose node is killed runs elsewhere within ten seconds, and mail for it waits', async () => {
  const world = await three();
  const { home, others, clock, until, running } = world;
  const left = others();
  home().crash();
  const passed = await until(() => running(left, 'list').length === 1);

  expect(passed).toBeLessThanOrEqual(10_000);
  const told = placedRef<ListMessage>((left[0] as PlacedNode).system, 'list').ask(
    { type: 'note', n: 1 },
    { withinMs: 5_000 },
  );
  expect(left.map(({ name }) => name)).toContain(await meanwhile(clock, told));
});

it('a node that is told to leave becomes empty first; nothing new comes to it', async () => {
  const world = await three();
  const { home, others, left, command } = world;
  const old = home();
  await command(others()[0] as PlacedNode, { do: 'leave', node: old.name });
  await world.until(() => left.includes(old.name));

  expect(world.running([old], 'list')).toEqual([]);
  expect(world.running(world.all, 'list')).toHaveLength(1);
});

it('a unit that is stopped stays stopped until it is started', async () => {
  const world = await three();
  const { all, command, until, running, clock } = world;
  const by = all[0] as PlacedNode;
  await command(by, { do: 'stop', unit: 'list' });
  await until(() => running(all, 'list').length === 0);
  await clock.advance(5_000);
  expect(running(all, 'list')).toEqual([]);

  await command(by, { do: 'start', unit: 'list' });
  await until(() => running(all, 'list').length === 1);
});

it('commands about what is not there are refused by name', async () => {
  const world = await three();
  const by = world.all[0] as PlacedNode;

  await expect(world.command(by, { do: 'stop', unit: 'nothing' })).rejects.toMatchObject({
    details: { refused: 'PLACEMENT_UNKNOWN_UNIT' },
  });
  await expect(world.command(by, { do: 'drain', node: 'n9' })).rejects.toMatchObject({
    details: { refused: 'PLACEMENT_UNKNOWN_NODE' },
  });
  await expect(world.command(by, { do: 'plan', plan: { generation: 1, units: [] } })).rejects.toMatchObject({
    details: { refused: 'PLACEMENT_PLAN_OLD' },
  });
});

it('a unit that could not start where somebody wanted it is taken back, which says why, and is not sent there again', async () => {
  let tries = 0;
  const homeless = defineActor<number[], ListMessage, never, UnitStart>({
    name: 'list',
    fresh: () => {
      throw new EsperError('DISK_NOT_FOUND', 'its folder is not here');
    },
    decide: { note: () => accept(), list: () => accept(), give: () => accept() },
  });
  const plan = { generation: 1, units: [unit('list')] };
  const world = placedNodes(plan, (node) => ({
    list: {
      children: (start) => {
        if (node === 'n2') tries++;
        return [worker(node === 'n2' ? homeless : list(node), { args: start })];
      },
      handover: { take: (door, withinMs) => door.ask({ type: 'give' }, { withinMs }) },
    },
  }));
  const first = await world.start('n1');
  await world.until(() => world.running([first], 'list').length === 1);
  await world.start('n2');
  await world.clock.advance(2_000);
  await meanwhile(
    world.clock,
    placedRef<ListMessage>(first.system, 'list').ask({ type: 'note', n: 7 }, { withinMs: 5_000 }),
  );
  await world.command(first, { do: 'move', unit: 'list', to: 'n2' });
  await world.until(() => tries > 0);
  await world.clock.advance(20_000);

  expect(tries).toBe(1);
  expect((await world.status(first)).units).toMatchObject([
    { node: 'n1', state: 'running', why: 'DISK_NOT_FOUND its folder is not here' },
  ]);
  const told = placedRef<ListMessage>(first.system, 'list').ask({ type: 'list' }, { withinMs: 5_000 });
  expect(await meanwhile(world.clock, told)).toEqual([7]);
});

it('a move that cannot be is refused at once, and nothing of it is remembered', async () => {
  const world = await three();
  const { others, home, command } = world;
  const [by, other] = others() as [PlacedNode, PlacedNode];
  await command(by, { do: 'cordon', node: other.name });
  const refused = (to: string) => command(by, { do: 'move', unit: 'list', to });

  await expect(refused(other.name)).rejects.toMatchObject({ details: { refused: 'NODE_CORDONED' } });
  await expect(refused(home().name)).rejects.toMatchObject({ details: { refused: 'UNIT_ALREADY_THERE' } });
  await command(by, { do: 'uncordon', node: other.name });
  const before = home().name;
  await world.clock.advance(5_000);
  expect(world.running(world.all, 'list')).toEqual([before]);
});
