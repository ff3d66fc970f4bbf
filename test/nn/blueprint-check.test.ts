/** What a blueprint from a stranger is asked before it costs anything. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlueprintIR, BlueprintNode } from '../../contracts/index.ts';
import { around, patches } from '../../nn/blueprints/parts.ts';
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

  it.each([
    [
      'NODE_NEEDS_PLACES',
      [
        { op: 'squeeze', id: 'a', from: 'in' },
        { op: 'squeeze', id: 'b', from: 'a' },
      ],
    ],
    ['NODE_NEEDS_IMAGE', [{ op: 'squeeze', id: 'a', from: 'in' }, { ...around('b', 'relu', 'a') }]],
    ['NODE_NEEDS_LAYER', [{ op: 'follow', id: 'b', from: 'in' }]],
    ['NODE_UNEVEN_HEADS', [{ op: 'attend', id: 'b', from: ['in', 'in', 'in'], heads: 3 }]],
    ['NODE_UNEVEN_HEADS', [{ op: 'attend', id: 'b', from: ['in', 'in', 'in'], heads: 0 }]],
    ['NODE_WRONG_SOURCES', [{ op: 'attend', id: 'b', from: ['in', 'in'], heads: 1 }]],
    ['NODE_WRONG_WINDOW', [{ ...around('b', 'relu'), size: 4 }]],
    ['NODE_WRONG_WINDOW', [{ ...patches('b', 2, 3, 'relu'), size: 1e9 }]],
    ['NODE_WRONG_WIDTH', [{ ...patches('b', 2, 3, 'relu'), units: 'all' }]],
    ['NODE_UNKNOWN_MAP', [{ ...dense('b', 'in', 2), op: 'map', like: 'constructor' }]],
    ['NODE_UNKNOWN_OP', [{ op: 'toString', id: 'b', from: 'in' }]],
    ['NODE_UNKNOWN_START', [{ op: 'norm', id: 'b', from: 'in', start: 'he' }]],
    ['NODE_WRONG_BIAS', [{ ...dense('b', 'in', 2), bias: 1 }]],
  ] as const)('says %s of nodes that stand nowhere', (complaint, nodes) => {
    const blueprint = withNodes(...nodes, dense('out', 'b', 'out', true));

    expect(checkBlueprint({ ...blueprint, spans: ['residual'] }).join()).toContain(complaint);
  });

  it('refuses a whole image as a correction of every pixel', () => {
    const squeezed = withNodes({ op: 'squeeze', id: 'a', from: 'in' }, dense('out', 'a', 'out', true));

    const ground = { in: [4, 4], out: [4, 4], layer: null };

    expect(checkBlueprint({ ...squeezed, spans: ['residual'] }, { ...DEFAULT_BUDGET, ground })).toEqual([
      'OUTPUT_WRONG_PLACES out',
    ]);
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
