/** Is a node of a blueprint what it says it is? Asked of every field, because it may come from a file. */
import { ACTIVATIONS, type BlueprintNode } from '../contracts/blueprint.ts';

type Op = BlueprintNode['op'];

/** How many sources each operation reads. */
const ARITY: Readonly<Record<Op, number>> = {
  dense: 1,
  conv: 1,
  depthwise: 1,
  map: 1,
  norm: 1,
  activate: 1,
  squeeze: 1,
  follow: 1,
  add: 2,
  multiply: 2,
  gate: 2,
  attend: 3,
};

const STARTS: readonly unknown[] = ['he', 'glorot', 'wide', 'zero'];
const HEADS_MAX = 64;

/** A field, what it may be, and what is said when it is something else. */
type Rule = readonly [field: string, holds: (value: unknown) => boolean, complaint: string];

const oneOf = (words: readonly unknown[]) => (value: unknown) => words.includes(value);
const activation: Rule = ['activation', oneOf(ACTIVATIONS), 'NODE_UNKNOWN_ACTIVATION'];
const mapped: readonly Rule[] = [
  activation,
  ['start', oneOf(STARTS), 'NODE_UNKNOWN_START'],
  ['bias', oneOf([true, false]), 'NODE_WRONG_BIAS'],
];
const units: Rule = [
  'units',
  (value) => value === 'in' || value === 'out' || whole(value),
  'NODE_WRONG_WIDTH',
];
const size: Rule = ['size', oneOf([1, 3, 5, 7]), 'NODE_WRONG_WINDOW'];

const RULES: Readonly<Partial<Record<Op, readonly Rule[]>>> = {
  dense: [...mapped, units],
  conv: [...mapped, units, size],
  depthwise: [...mapped, size],
  map: [...mapped, units, ['like', oneOf(['source', 'target']), 'NODE_UNKNOWN_MAP']],
  norm: [['start', oneOf(['one', 'zero']), 'NODE_UNKNOWN_START']],
  activate: [activation],
  attend: [['heads', (value) => whole(value) && value <= HEADS_MAX, 'NODE_UNEVEN_HEADS']],
};

/** What is wrong with a node by itself: codes with its name, `NODE_UNKNOWN_OP a`. */
export function nodeComplaints(node: BlueprintNode): string[] {
  const name = typeof node?.id === 'string' ? node.id : '';
  if (name === '') return ['NODE_WITHOUT_ID'];
  if (!Object.hasOwn(ARITY, String(node.op))) return [`NODE_UNKNOWN_OP ${name}`];
  const sources: readonly unknown[] = Array.isArray(node.from) ? node.from : [node.from];
  if (sources.length !== ARITY[node.op] || sources.some((id) => typeof id !== 'string')) {
    return [`NODE_WRONG_SOURCES ${name}`];
  }
  const fields = node as unknown as Readonly<Record<string, unknown>>;
  return (RULES[node.op] ?? [])
    .filter(([field, holds]) => !holds(fields[field]))
    .map(([, , complaint]) => `${complaint} ${name}`);
}

const whole = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;
