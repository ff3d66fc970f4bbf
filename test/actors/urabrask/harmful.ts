/** A rogues' gallery: valid graphs that must never reach a host. */
import type { Activation, BlueprintIR, BlueprintNode } from '../../../contracts/index.ts';

type Start = 'he' | 'glorot' | 'wide' | 'zero';
const dense = (
  id: string,
  from: string,
  units: number | 'out',
  activation: Activation = 'linear',
  start: Start = 'he',
): BlueprintNode => ({ op: 'dense', id, from, units, activation, bias: true, start });
const squares = (count: number, from: string): BlueprintNode[] =>
  Array.from({ length: count }, (_, i) => {
    const source = i === 0 ? from : `sq${i - 1}`;
    return { op: 'multiply', id: `sq${i}`, from: [source, source] };
  });
const layers = (count: number, activation: Activation, start: Start, units = 8): BlueprintNode[] =>
  Array.from({ length: count }, (_, i) =>
    dense(`l${i}`, i === 0 ? 'in' : `l${i - 1}`, units, activation, start),
  );
const out = (from: string): BlueprintNode => dense('out', from, 'out', 'linear', 'zero');

const plan = (id: string, nodes: BlueprintNode[], spans: BlueprintIR['spans'] = ['layer']): BlueprintIR => ({
  id,
  family: 'widen',
  spans,
  nodes,
  output: 'out',
  onFossilize: 'trainable',
  tags: [],
  description: '',
});

export const HARMFUL: readonly BlueprintIR[] = [
  plan('sixteenth power', [dense('a', 'in', 8), ...squares(4, 'a'), out('sq3')]),
  plan('fourth power behind a relu', [dense('a', 'in', 16, 'relu'), ...squares(3, 'a'), out('sq2')]),
  plan('thirty-second power of the input', [...squares(5, 'in'), out('sq4')], ['layer', 'residual']),
  plan('sixty-fourth power in a cascade', [dense('a', 'in', 4), ...squares(6, 'a'), out('sq5')], ['cascade']),
  plan('ten gates in a row', [
    dense('a', 'in', 8, 'relu'),
    dense('b', 'in', 8, 'relu'),
    ...Array.from(
      { length: 10 },
      (_, i): BlueprintNode => ({ op: 'multiply', id: `m${i}`, from: [i === 0 ? 'a' : `m${i - 1}`, 'b'] }),
    ),
    out('m9'),
  ]),
  plan('stillborn behind a zero layer', [dense('a', 'in', 8, 'tanh', 'zero'), out('a')]),
  plan('stillborn product of two zeros', [
    dense('a', 'in', 8, 'tanh', 'zero'),
    dense('b', 'in', 8, 'relu', 'zero'),
    { op: 'multiply', id: 'm', from: ['a', 'b'] },
    out('m'),
  ]),
  plan('twenty-five sigmoids', [...layers(25, 'sigmoid', 'glorot', 4), out('l24')]),
  plan('bump on a bump on the eighth power', [
    dense('a', 'in', 8, 'linear', 'wide'),
    ...squares(3, 'a'),
    dense('b', 'sq2', 8, 'linear', 'wide'),
    { op: 'activate', id: 'g', from: 'b', activation: 'gaussian' },
    { op: 'multiply', id: 'm', from: ['g', 'sq2'] },
    out('m'),
  ]),
  plan('forty loud layers', [...layers(40, 'linear', 'wide', 16), out('l39')]),
  plan('doubling thirty-two times', [
    dense('a', 'in', 4),
    ...Array.from({ length: 32 }, (_, i): BlueprintNode => {
      const source = i === 0 ? 'a' : `d${i - 1}`;
      return { op: 'add', id: `d${i}`, from: [source, source] };
    }),
    out('d31'),
  ]),
  plan('two hundred layers', [...layers(200, 'tanh', 'glorot', 2), out('l199')]),
];
