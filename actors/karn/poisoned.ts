/** Blueprints that are valid to the letter and harmful in deed: what a fault plan slips in to see whether Urabrask wakes up. */
import type { Activation, BlueprintIR, BlueprintNode } from '../../contracts/index.ts';

type Start = 'he' | 'glorot' | 'wide' | 'zero';

const dense = (
  id: string,
  from: string,
  units: number | 'out',
  activation: Activation,
  start: Start,
): BlueprintNode => ({ op: 'dense', id, from, units, activation, bias: true, start });

/** Nodes `n0`, `n1` ..., each reading the one before. */
const chain = (length: number, first: string, link: (id: string, from: string) => BlueprintNode) =>
  Array.from({ length }, (_, i) => link(`n${i}`, i === 0 ? first : `n${i - 1}`));

/** The start is zero as it must be; what lies before it is the poison. */
const ending = (from: string) => dense('out', from, 'out', 'linear', 'zero');

interface Poison {
  readonly kind: string;
  readonly nodes: readonly BlueprintNode[];
}

/** Each kind does another harm. */
const POISONS: readonly Poison[] = [
  // The 64th power: quiet below one, infinite above four.
  {
    kind: 'surge',
    nodes: [
      dense('n', 'in', 8, 'linear', 'he'),
      ...chain(6, 'n', (id, from) => ({ op: 'multiply', id, from: [from, from] })),
      ending('n5'),
    ],
  },
  // Twenty-four sigmoids: whatever the loss says, the first layers never hear it.
  {
    kind: 'numb',
    nodes: [...chain(24, 'in', (id, from) => dense(id, from, 8, 'sigmoid', 'glorot')), ending('n23')],
  },
  // Forty wide layers without a squashing function: every one makes the signal louder.
  {
    kind: 'avalanche',
    nodes: [...chain(40, 'in', (id, from) => dense(id, from, 24, 'linear', 'wide')), ending('n39')],
  },
  // Zero times zero: neither layer ever gets a gradient, so the seed never lives.
  { kind: 'stillborn', nodes: [dense('n', 'in', 8, 'relu', 'zero'), ending('n')] },
  // 33 million weights for a host of a few thousand.
  {
    kind: 'hog',
    nodes: [...chain(3, 'in', (id, from) => dense(id, from, 4096, 'relu', 'he')), ending('n2')],
  },
];

export const POISON_KINDS: readonly string[] = POISONS.map(({ kind }) => kind);

/** As many harmful blueprints as asked for, kinds in turn. Their names give nothing away. */
export function poisonedBlueprints(count: number): readonly BlueprintIR[] {
  return Array.from({ length: count }, (_, i) => {
    const poison = POISONS[i % POISONS.length];
    if (!poison) throw new Error('there is at least one kind of poison');
    const again = i < POISONS.length ? '' : `-${Math.floor(i / POISONS.length) + 1}`;
    return {
      id: `experimental-${poison.kind}${again}`,
      family: 'widen',
      spans: ['layer', 'residual', 'cascade'],
      nodes: [...poison.nodes],
      output: 'out',
      onFossilize: 'trainable',
      tags: ['experimental'],
      description: 'An experimental plan, proposed to be tested.',
    };
  });
}
