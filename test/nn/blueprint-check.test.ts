/** What a blueprint from a stranger is asked before it costs anything. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlueprintIR, BlueprintNode } from '../../contracts/index.ts';
import { checkBlueprint, DEFAULT_BUDGET, widen } from '../../nn/index.ts';

const dense = (id: string, from: string, units: number | 'in' | 'out', zero = false): BlueprintNode => ({
  op: 'dense',
  id,
  from,
  units,
  activation: 'linear',
  bias: false,
  start: zero ? 'zero' : 'he',
});
const withNodes = (...nodes: unknown[]): BlueprintIR => ({
  ...widen(2, 'tanh'),
  nodes: nodes as BlueprintNode[],
});

describe('a blueprint check', () => {
  it.each([
    ['NODES_MISSING', withNodes()],
    ['NODE_UNKNOWN_OP evil', withNodes({ op: 'eval', id: 'evil', from: 'in' })],
    ['NODE_DUPLICATE_ID', withNodes(dense('out', 'in', 2), dense('out', 'in', 'out', true))],
    ['NODE_MISSING ghost', withNodes(dense('out', 'ghost', 'out', true))],
    ['OUTPUT_MISSING out', withNodes(dense('a', 'in', 2))],
    ['NODES_IN_A_CYCLE', withNodes(dense('a', 'b', 2), dense('b', 'a', 2), dense('out', 'a', 'out', true))],
    ['NODE_WRONG_WIDTH a', withNodes(dense('a', 'in', 2.5), dense('out', 'a', 'out', true))],
    ['NODE_WRONG_WIDTH a', withNodes(dense('a', 'in', Number.NaN), dense('out', 'a', 'out', true))],
    ['OUTPUT_WRONG_WIDTH out', withNodes(dense('out', 'in', 3, true))],
    ['OUTPUT_NOT_ZERO_AT_BIRTH out', withNodes(dense('out', 'in', 'out'))],
    [
      'NODE_WIDTHS_DIFFER sum',
      withNodes(
        dense('a', 'in', 2),
        dense('b', 'in', 3),
        { op: 'add', id: 'sum', from: ['a', 'b'] },
        dense('out', 'sum', 'out', true),
      ),
    ],
    ['NODE_WRONG_SOURCES sum', withNodes({ op: 'add', id: 'sum', from: 'in' })],
    ['NODE_UNKNOWN_ACTIVATION a', withNodes({ op: 'activate', id: 'a', from: 'in', activation: 'softplus' })],
    [
      'PARAMETERS_OVER_BUDGET',
      withNodes(dense('a', 'in', 4096), dense('b', 'a', 4096), dense('out', 'b', 'out', true)),
    ],
  ] as const)('says %s', (complaint, blueprint) => {
    expect(checkBlueprint(blueprint).join()).toContain(complaint);
  });

  it('refuses equal sizes that are one axis today and two tomorrow', () => {
    const product = { op: 'multiply', id: 'product', from: ['in', 'back'] };
    const shortcut = withNodes(dense('back', 'in', 'out', true), product);

    expect(checkBlueprint({ ...shortcut, output: 'product', spans: ['layer'] })).toContain(
      'NODE_WIDTHS_DIFFER product',
    );
    expect(checkBlueprint({ ...shortcut, output: 'product', spans: ['residual'] })).toEqual([]);
  });

  it('never throws, whatever the graph, and agrees that a cycle is one', () => {
    const node = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'out'),
      from: fc.constantFrom('in', 'a', 'b', 'c', 'out'),
    });
    fc.assert(
      fc.property(fc.uniqueArray(node, { selector: ({ id }) => id, minLength: 1 }), (edges) => {
        const complaints = checkBlueprint(withNodes(...edges.map(({ id, from }) => dense(id, from, 2))));
        const next = new Map<string, string>(edges.map(({ id, from }) => [id, from]));
        const loops = edges.some(({ id }) => {
          let at: string | undefined = id;
          for (let hop = 0; hop < 5 && at !== undefined && at !== 'in'; hop++) at = next.get(at);
          return at !== undefined && at !== 'in';
        });
        const known = edges.every(({ from }) => from === 'in' || next.has(from)) && next.has('out');

        expect(complaints.includes('NODES_IN_A_CYCLE')).toBe(known && loops);
      }),
    );
  });

  it('reads a thousand nodes in one go and refuses one more', () => {
    const chain = Array.from({ length: 1001 }, (_, i) => dense(`n${i}`, i === 0 ? 'in' : `n${i - 1}`, 1));

    expect(checkBlueprint(withNodes(...chain.slice(0, 999), dense('out', 'n998', 'out', true)))).toEqual([]);
    expect(checkBlueprint(withNodes(...chain), DEFAULT_BUDGET)[0]).toContain('NODES_OVER_BUDGET');
  });
});
