/** `esper admin` as a person and a script meet it: words become signed commands, answers become narrow tables. */

import { Value } from '@sinclair/typebox/value';
import { describe, expect, it } from 'vitest';
import { LEAVES } from '../../cli/admin/leaves.ts';
import { adminText } from '../../cli/render/admin.ts';
import { style, width } from '../../cli/render/style.ts';
import {
  ADMIN_VERBS,
  type AdminVerb,
  type NodesAnswer,
  type SeedsAnswer,
  type StatusAnswer,
  type TreeAnswer,
} from '../../contracts/index.ts';
import { esper, fakeWorld } from './fake-world.ts';

const paint = style(false);
const leaf = (verb: AdminVerb) => LEAVES.find((one) => one.verb === verb);

describe('the words of esper admin', () => {
  it('reach every command there is, once', () => {
    expect(LEAVES.map(({ verb }) => verb).sort()).toEqual(Object.keys(ADMIN_VERBS).sort());
    expect(new Set(LEAVES.map(({ words }) => words.join(' '))).size).toBe(LEAVES.length);
  });

  it.each<[AdminVerb, unknown[], Record<string, unknown>, object]>([
    ['actors-move', ['karn'], { to: 'n2' }, { unit: 'karn', to: 'n2' }],
    ['node-drain', ['n3'], {}, { node: 'n3' }],
    ['seeds-germinate', ['h1/widen', 'grow-8'], {}, { slotId: 'h1/widen', blueprintId: 'grow-8' }],
    ['seeds-germinate', [], { slot: 'h1/widen' }, { slotId: 'h1/widen' }],
    ['seeds-cull', ['s7'], { run: 'spirals-1' }, { seedId: 's7', run: 'spirals-1' }],
    ['seeds-cull', [], { seed: 's7' }, { seedId: 's7' }],
    ['run-rollback', [], { blame: ['s1', 's2'] }, { blame: ['s1', 's2'] }],
    ['dead-letters-show', ['12'], {}, { sequence: 12 }],
    ['dead-letters-ls', [], { limit: '5' }, { limit: 5 }],
    [
      'config-set',
      [['log.level=debug', 'rate.limit=4', 'name="x=y"']],
      {},
      { set: { 'log.level': 'debug', 'rate.limit': 4, name: 'x=y' } },
    ],
    ['log-level', ['warn'], {}, { level: 'warn' }],
  ])('become arguments that %s takes', (verb, taken, options, expected) => {
    const args = leaf(verb)?.argsOf?.(taken, options) ?? {};
    const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));

    expect(given).toEqual(expected);
    expect(Value.Check(ADMIN_VERBS[verb].args, given)).toBe(true);
  });

  it.each([
    ['admin status --keys nowhere', 4],
    ['admin status --timeout never', 2],
    ['admin log-level debug', 2],
    ['admin actors move', 2],
    ['admin actors restart karn --expected-epoch x', 2],
    ['admin sign no-such-command', 2],
    ['admin verbs', 0],
    ['keys init --nodes role-viewer --dir nowhere', 2],
    ['keys init --nodes a,a --dir nowhere', 2],
    ['keys show --dir nowhere', 4],
    ['keys rotate --dir nowhere', 2],
    ['keys rotate --node a --role viewer --dir nowhere', 2],
    ['keys rotate --role nobody --dir nowhere', 2],
    ['keys rotate --node a --overlap long --dir nowhere', 2],
    ['keys rotate --node a --dir nowhere', 4],
    ['keys bundle --node a --out nowhere.tar --dir nowhere', 4],
    ['admin actors move karn --within -1', 2],
    ['admin node drain n1 --within 301', 2],
    ['audit verify nowhere --keys nowhere', 4],
    ['audit verify nowhere --no-signatures', 4],
  ])('esper %s ends with %i', async (line, exit) => {
    expect((await esper(fakeWorld(), ...line.split(' '))).code).toBe(exit);
  });
});

describe('answers on a screen', () => {
  const nodes: NodesAnswer = {
    nodes: ['n1', 'n2'].map((node) => ({
      ...{
        node,
        epoch: 3,
        state: 'up',
        cordoned: node === 'n2',
        labels: ['training'],
        load: 0.25,
        memory: 3e9,
      },
      units: Array.from({ length: 30 }, (_, at) => `unit-${at}`),
    })),
  };
  const branch = (name: string, children: TreeAnswer['nodes'][number]['root'][] = []) => ({
    ...{ name, state: 'running', restarts: 1, note: 'x'.repeat(100), children },
  });
  const tree: TreeAnswer = {
    nodes: [{ node: 'n1', root: branch('esper', [branch('hosts', [branch('karn')]), branch('oona')]) }],
  };

  it.each<[AdminVerb, unknown]>([
    ['nodes', nodes],
    ['tree', tree],
  ])('%s fits into 80 columns', (verb, answer) => {
    const lines = adminText(verb, answer, style(true), 80).trimEnd().split('\n');

    expect(Math.max(...lines.map(width))).toBe(80);
    expect(Value.Check(ADMIN_VERBS[verb].answer, answer)).toBe(true);
  });

  it('show of a seed its stage, strength, worth and plan, the long name last', () => {
    const seeds: SeedsAnswer['seeds'] = [
      {
        ...{ seedId: 's7', slotId: 'h1/layer', stage: 'PROBATIONARY', alpha: 1, contribution: 2.5 },
        blueprintId: `widen-${'8'.repeat(80)}`,
      },
      {
        ...{ seedId: 's8', slotId: 'h2/layer', stage: 'DORMANT', alpha: 0 },
        contribution: null,
        blueprintId: null,
      },
    ];
    const [title, first, second] = adminText('seeds-ls', { runId: 'r-1', seeds }, paint, 80).split('\n');

    expect(title).toMatch(/^SEED +SLOT +STAGE +ALPHA +CONTRIBUTION +BLUEPRINT$/);
    expect(first).toMatch(/^s7 +h1\/layer +PROBATIONARY +1\.00 +2\.500 +widen-8+$/);
    expect(width(first ?? '')).toBe(80);
    expect(second).toMatch(/^s8 +h2\/layer +DORMANT +0\.00 +- +-$/);
  });

  it('show a tree as one', () => {
    expect(
      adminText('tree', tree, paint, 30)
        .split('\n')
        .map((line) => line.slice(0, 14)),
    ).toEqual(['n1', 'esper  running', '├─ hosts  runn', '│  └─ karn  ru', '└─ oona  runni', '']);
  });

  it('move no cursor, whatever a node calls itself', () => {
    const status: StatusAnswer = {
      ...{ cluster: 'esper', steward: 'n1\u001b[2J\u0007', stewardEpoch: 2, nodesUp: 1, nodesAway: 1 },
      ...{ unitsPlaced: 2, unitsWaiting: 1, deadLetters: null, runs: [], warnings: ['a\nb\u009b31m'] },
    };
    const text = adminText('status', status, paint, 80);

    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not come through
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(text).toContain('look at       a·b·31m');
  });

  it.each<[AdminVerb, { done: string; details: Record<string, unknown> }]>([
    [
      'node-drain',
      {
        done: 'forge-a is empty and gets nothing new: karn is on forge-b, urabrask is on forge-c',
        details: { node: 'forge-a', units: { karn: 'forge-b', urabrask: 'forge-c' } },
      },
    ],
    ['actors-move', { done: 'karn has moved from a to b', details: { from: 'a', to: 'b', epoch: 2 } }],
    [
      'config-set',
      {
        done: 'set log.level, rates',
        details: {
          'log.level': { before: 'info', now: 'debug' },
          rates: { before: { run: 1, look: [2, 3] }, now: null },
        },
      },
    ],
    ['run-pause', { done: 'r stands still', details: { run: 'r', at: { epoch: 3, seeds: ['s1', 's2'] } } }],
    ['dead-letters-purge', { done: 'x'.repeat(200), details: {} }],
  ])('of %s are words and no data, at 80 columns', (verb, answer) => {
    const text = adminText(verb, answer, paint, 80);

    expect(Math.max(...text.split('\n').map(width))).toBeLessThanOrEqual(80);
    expect(text).not.toMatch(/[{}"[\]]/);
    expect(text.replace(/\n */g, '')).toContain(answer.done.slice(0, 20));
  });

  it('show a dead letter as it was', () => {
    const letter = {
      ...{ sequence: 7, topic: 'jobs.x', reason: 'expired', bytes: 12, storedMs: 0 },
      ...{ headers: { id: 'j1' }, message: { type: 'x', n: 1 } },
    };
    const text = adminText('dead-letters-show', letter, paint, 80);

    expect(Value.Check(ADMIN_VERBS['dead-letters-show'].answer, letter)).toBe(true);
    expect(text).toMatch(/^number +7$/m);
    expect(text).toMatch(/^id +j1$/m);
    expect(text).toMatch(/^ +"type": "x",$/m);
  });

  it('say what was done in a line', () => {
    expect(adminText('actors-move', { done: 'moving karn', details: {} }, paint, 80)).toBe('moving karn\n');
  });
});
