/** The placement file: what it may say, and how every mistake in it is told. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadPlacement } from '../../../config/placement/load.ts';
import type { PlacementFile } from '../../../config/placement/plan.ts';
import { PlacementInvalid } from '../../../config/placement/problems.ts';
import { placementSchemaFile } from '../../../config/placement/schema-file.ts';
import { place } from '../../../config/problem.ts';

const NODES = `
nodes:
  - { name: trainer, labels: [training], capacity: { memoryMb: 4096 } }
  - { name: forge-a, labels: [innovation] }
  - { name: forge-b, labels: [innovation] }
`;
const load = (text: string): PlacementFile => loadPlacement({ file: 'p.yaml', text });

/** Every problem as `code line`, with its words behind it. */
function told(text: string): readonly { code: string; at: string; text: string; hint: string }[] {
  try {
    load(text);
  } catch (error) {
    if (!(error instanceof PlacementInvalid)) throw error;
    return error.problems.map(({ code, at, text, hint }) => ({ code, at: place(at), text, hint }));
  }
  return [];
}
const codes = (text: string) => told(text).map(({ code }) => code);

describe('a placement file', () => {
  it('is complete when it names its nodes: every actor then has a unit that may be anywhere', () => {
    const file = load(NODES);

    expect(file.units.map(({ unit }) => unit).sort()).toEqual([
      'karn',
      'nissa',
      'tezzeret',
      'triad',
      'urabrask',
      'urza',
    ]);
    expect(file.units.find(({ unit }) => unit === 'triad')?.actors).toEqual(['tolaria', 'kasmina', 'tamiyo']);
    expect(file).toMatchObject({ cluster: 'esper', leaseMs: 6_000, beatMs: 900 });
  });

  it('may put several actors into one unit, which takes them from units of their own', () => {
    const { units } = load(
      `${NODES}units: { bench: { actors: [tezzeret, urabrask], labels: [innovation] } }`,
    );

    expect(units.map(({ unit }) => unit).sort()).toEqual(['bench', 'karn', 'nissa', 'triad', 'urza']);
  });

  it('that comes with Esper is sound, and its schema is that of the code', () => {
    const { nodes, units } = load(readFileSync('config/placement.yaml', 'utf8'));

    expect(nodes.map(({ name }) => name)).toEqual(['trainer', 'forge-a', 'forge-b']);
    expect(units.find(({ unit }) => unit === 'urabrask')?.labels).toEqual(['innovation']);
    expect(readFileSync('config/placement.schema.json', 'utf8')).toBe(placementSchemaFile());
  });

  it.each([
    [
      'the triad on two nodes',
      'tolaria: { pin: trainer }\n  kasmina: { pin: forge-a }',
      'PLACEMENT_TRIAD_SPLIT',
    ],
    ['a label nobody has', 'karn: { labels: [inovation] }', 'PLACEMENT_UNKNOWN_LABEL'],
    ['a pin to a node that is not there', 'karn: { pin: forge-c }', 'PLACEMENT_UNKNOWN_NODE'],
    [
      'a pin to a node with other labels',
      'karn: { pin: trainer, labels: [innovation] }',
      'PLACEMENT_PIN_MISFIT',
    ],
    ['labels no node has together', 'karn: { labels: [training, innovation] }', 'PLACEMENT_NOWHERE'],
    [
      'more memory than there is',
      'karn: { pin: trainer, needs: { memoryMb: 9000 } }',
      'PLACEMENT_NEEDS_TOO_MUCH',
    ],
    ['more warm copies than nodes', 'karn: { labels: [innovation], warm: 2 }', 'PLACEMENT_WARM_TOO_MANY'],
    ['a unit nobody knows', 'karm: {}', 'PLACEMENT_UNKNOWN_UNIT'],
    ['an actor nobody knows', 'bench: { actors: [urabask] }', 'PLACEMENT_UNKNOWN_ACTOR'],
    ['an actor in two units', 'bench: { actors: [karn] }\n  karn: {}', 'PLACEMENT_ACTOR_TWICE'],
    ['a unit near itself', 'karn: { near: [karn] }', 'PLACEMENT_NEAR_ITSELF'],
    ['near and apart at once', 'karn: { near: [urza], apart: [urza] }', 'PLACEMENT_NEAR_AND_APART'],
    [
      'near through others and apart',
      'karn: { near: [urza], apart: [tezzeret] }\n  tezzeret: { near: [urza] }',
      'PLACEMENT_NEAR_AND_APART',
    ],
    [
      'a spread wider than the nodes',
      'karn: { labels: [innovation], apart: [urza, tezzeret] }\n  urza: { labels: [innovation], apart: [tezzeret] }\n  tezzeret: { labels: [innovation] }',
      'PLACEMENT_SPREAD_IMPOSSIBLE',
    ],
  ])('is refused for %s', (_, units, code) => {
    const problems = told(`${NODES}units:\n  ${units}\n`);

    expect(problems.map((problem) => problem.code)).toContain(code);
    expect(new Set(problems.map((problem) => problem.code)).size).toBe(1);
    for (const { at, text, hint } of problems) {
      expect(at).toMatch(/^p\.yaml:\d+:\d+$/);
      expect(text.length).toBeGreaterThan(10);
      expect(hint).not.toBe('');
    }
  });

  it('is refused for two nodes of one name, at the line of the second', () => {
    expect(told('nodes:\n  - name: a\n  - name: b\n  - name: a\n')).toMatchObject([
      { code: 'PLACEMENT_NODE_TWICE', at: 'p.yaml:4:5' },
    ]);
  });

  it('is refused without a node', () => {
    expect(codes('nodes: []')).toEqual(['PLACEMENT_NO_NODES']);
    expect(codes('')).toEqual(['CONFIG_MISSING']);
  });

  it('tells all that is wrong at once, top to bottom, with what was probably meant', () => {
    const problems = told(`${NODES}units:\n  karn: { labels: [inovation] }\n  urza: { pin: forge-x }\n`);

    expect(problems).toMatchObject([
      { code: 'PLACEMENT_UNKNOWN_LABEL', at: 'p.yaml:7:20', hint: 'did you mean innovation?' },
      { code: 'PLACEMENT_UNKNOWN_NODE', at: 'p.yaml:8:11', hint: 'did you mean forge-a?' },
    ]);
  });

  it('is read as strictly as the settings of a run', () => {
    expect(told('nodes:\n  - { nme: a }\n')).toMatchObject([
      { code: 'CONFIG_MISSING' },
      { code: 'CONFIG_UNKNOWN_KEY', hint: 'did you mean name?' },
    ]);
    expect(codes('nodes:\n  - { name: A B }\n')).toEqual(['CONFIG_OUT_OF_RANGE']);
    expect(codes(`${NODES}leaseMs: 60000`)).toEqual(['CONFIG_OUT_OF_RANGE']);
    expect(codes('nodes: [')).toContain('CONFIG_SYNTAX');
  });

  it('finds a spread exactly when there is one', () => {
    const sizes = fc.record({ nodes: fc.integer({ min: 1, max: 5 }), units: fc.integer({ min: 1, max: 5 }) });
    fc.assert(
      fc.property(sizes, ({ nodes, units }) => {
        const names = ['karn', 'urza', 'tezzeret', 'urabrask', 'nissa'].slice(0, units);
        const text = JSON.stringify({
          nodes: Array.from({ length: nodes }, (_, i) => ({ name: `n${i}` })),
          units: Object.fromEntries(names.map((name, i) => [name, { apart: names.slice(0, i) }])),
        });
        expect(codes(text)).toEqual(units <= nodes ? [] : ['PLACEMENT_SPREAD_IMPOSSIBLE']);
      }),
    );
  });
});
