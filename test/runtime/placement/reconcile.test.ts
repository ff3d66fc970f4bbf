/** What shall run against what does: the two come together in few steps, and stay. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeFacts, PlacementRecord } from '../../../contracts/index.ts';
import { bid, choose, type PlacementAction, reconcile } from '../../../runtime/placement/index.ts';
import { node, picture, record, unit } from './facts.ts';

const running = (name: string, epoch = 1) => ({ unit: name, phase: 'running', epoch }) as const;

describe('a unit', () => {
  const plan = record([unit('a')]);

  it('that runs nowhere is placed; one that waits for its lease somewhere is left to it', () => {
    const waits = node('n1', { units: [{ unit: 'a', phase: 'waiting', epoch: 0 }] });

    expect(reconcile(plan, picture([node('n1')]))).toEqual([{ do: 'place', unit: 'a' }]);
    expect(reconcile(plan, picture([waits]))).toEqual([]);
  });

  it('that runs is adopted and not started again', () => {
    expect(reconcile(plan, picture([node('n1', { units: [running('a', 4)] })]))).toEqual([
      { do: 'adopt', unit: 'a', node: 'n1', epoch: 4 },
    ]);
  });

  it('that runs twice goes on where the newer lease is', () => {
    const both = [node('n1', { units: [running('a', 3)] }), node('n2', { units: [running('a', 4)] })];

    expect(reconcile(plan, picture(both, { a: 'n2' }))).toEqual([
      { do: 'stop', unit: 'a', node: 'n1', why: 'it runs on n2' },
    ]);
  });

  it('whose node is out of reach is offered to others, and nobody is told to stop it', () => {
    const { nodes, ...rest } = picture([node('n1', { units: [running('a')] }), node('n2')]);
    const away = nodes.map((view) =>
      view.name === 'n1' ? { ...view, state: 'unreachable' as const } : view,
    );

    expect(reconcile(plan, { ...rest, nodes: away })).toEqual([{ do: 'place', unit: 'a' }]);
  });

  it('that gives its state away is left alone', () => {
    const moving = node('n1', { units: [{ unit: 'a', phase: 'moving', epoch: 2 }] });
    const heir = node('n2', { units: [{ unit: 'a', phase: 'waiting', epoch: 0 }] });

    expect(reconcile(record([unit('a')], { draining: ['n1'] }), picture([moving, heir]))).toEqual([]);
  });

  it('that is stopped, or in no plan, is stopped wherever it is', () => {
    const there = picture([node('n1', { units: [running('a'), running('b')] })], { a: 'n1', b: 'n1' });

    expect(reconcile(record([unit('a')], { stopped: ['a'] }), there)).toMatchObject([
      { do: 'stop', unit: 'a', node: 'n1' },
      { do: 'stop', unit: 'b', node: 'n1' },
    ]);
  });
});

describe('a node that drains', () => {
  const full = node('n1', { units: [running('a'), running('b')] });
  const known = { a: 'n1', b: 'n1' };
  const plan = record([unit('a'), unit('b')], { draining: ['n1'] });

  it('gives up one unit at a time', () => {
    expect(reconcile(plan, picture([full, node('n2')], known))).toEqual([
      { do: 'move', unit: 'a', from: 'n1', to: 'n2' },
    ]);
  });

  it('keeps what nobody else can have', () => {
    expect(reconcile(plan, picture([full, node('n2', { able: [] })], known))).toEqual([]);
  });
});

it('a wish that cannot be met is forgotten', () => {
  const plan = record([unit('a', { pin: 'n1' })], { wished: { a: 'n2' } });
  const there = picture([node('n1', { units: [running('a')] }), node('n2')], { a: 'n1' });

  expect(reconcile(plan, there)).toEqual([{ do: 'forget_wish', unit: 'a', why: 'that node cannot have it' }]);
});

it('as many nodes as wanted keep a unit warm, and none that runs it', () => {
  const plan = record([unit('a', { warm: 1 })]);
  const nodes = [node('n1', { units: [running('a')], warm: ['a'] }), node('n2'), node('n3', { load: 7 })];

  expect(reconcile(plan, picture(nodes, { a: 'n1' }))).toEqual([
    { do: 'warm', node: 'n1', units: [] },
    { do: 'warm', node: 'n2', units: ['a'] },
  ]);
});

/** Does at once what is asked, as an obedient cluster would. */
function obey(all: PlacementRecord, nodes: readonly NodeFacts[], actions: readonly PlacementAction[]) {
  const now = new Map(nodes.map((facts) => [facts.name, { ...facts, units: [...facts.units] }]));
  let after = all;
  const remove = (name: string, from: string) => {
    const there = now.get(from);
    if (there !== undefined) there.units = there.units.filter((one) => one.unit !== name);
  };
  for (const action of actions) {
    if (action.do === 'stop') remove(action.unit, action.node);
    if (action.do === 'warm') (now.get(action.node) as NodeFacts).warm = [...action.units];
    if (action.do === 'forget_wish') after = { ...after, wished: {} };
    if (action.do === 'move') {
      remove(action.unit, action.from);
      now.get(action.to)?.units.push(running(action.unit, 9));
    }
    if (action.do !== 'place') continue;
    const spec = after.plan.units.find((one) => one.unit === action.unit);
    if (spec === undefined) continue;
    const bids = [...now.values()].flatMap((facts) => {
      const closed = after.draining.includes(facts.name);
      const answer = bid(spec, closed ? { ...facts, cordoned: true } : facts);
      return 'score' in answer ? [{ node: facts.name, score: answer.score }] : [];
    });
    const winner = choose(bids);
    if (winner !== undefined) now.get(winner)?.units.push(running(action.unit, 5));
  }
  return { record: after, nodes: [...now.values()] };
}

const knownIn = (nodes: readonly NodeFacts[]) =>
  Object.fromEntries(nodes.flatMap(({ name, units }) => units.map((one) => [one.unit, name])));

it('any cluster comes to rest, with one node for a unit, where it may be', () => {
  const names = ['a', 'b', 'c', 'd'];
  const some = fc.subarray(names);
  const world = fc.record({
    hosted: fc.array(some, { minLength: 2, maxLength: 4 }),
    apart: some,
    labelled: fc.subarray(['n0', 'n1', 'n2', 'n3']),
    needing: some,
    draining: fc.subarray(['n0', 'n1']),
    stopped: some,
    warm: fc.nat(2),
  });
  fc.assert(
    fc.property(world, ({ hosted, apart, labelled, needing, draining, stopped, warm }) => {
      const units = names.map((name) =>
        unit(name, {
          labels: needing.includes(name) ? ['big'] : [],
          apart: apart.includes(name) ? apart.filter((one) => one !== name) : [],
          warm,
        }),
      );
      let all = record(units, { draining, stopped });
      let nodes: readonly NodeFacts[] = hosted.map((on, at) =>
        node(`n${at}`, {
          labels: labelled.includes(`n${at}`) ? ['big'] : [],
          units: on.map((name) => running(name, at + 1)),
        }),
      );
      for (let round = 0; round < 24; round++) {
        const actions = reconcile(all, picture(nodes, knownIn(nodes)));
        ({ record: all, nodes } = obey(all, nodes, actions));
      }
      const left = reconcile(all, picture(nodes, knownIn(nodes)));
      expect(left.filter((action) => action.do !== 'place')).toEqual([]);
      for (const spec of units) {
        const on = nodes.filter((facts) => facts.units.some((one) => one.unit === spec.unit));
        expect(on.length).toBeLessThanOrEqual(stopped.includes(spec.unit) ? 0 : 1);
      }
    }),
  );
});
