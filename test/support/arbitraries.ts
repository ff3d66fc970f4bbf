/** One arbitrary for every contract, made from its schema: a new field is tested the moment it is declared. */
import { Kind, type TSchema } from '@sinclair/typebox';
import fc from 'fast-check';
import type { Contract } from '../../contracts/index.ts';

type Values = fc.Arbitrary<unknown>;

/** Valid messages of one contract, whole with `type` and `v`. `-0` is left out: the wire has one zero. */
export function arbitraryOf(contract: Contract): fc.Arbitrary<{ type: string; v: number }> {
  return fromSchema(contract.schema) as fc.Arbitrary<{ type: string; v: number }>;
}

/** Values of any TypeBox schema that this project uses; a kind it does not know is an error, not a guess. */
function fromSchema(schema: TSchema): Values {
  const make = kinds[schema[Kind]];
  if (make === undefined) throw new Error(`no arbitrary for a schema of kind ${schema[Kind]}`);
  return make(schema);
}

const key = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => text !== '__proto__');
const positiveZero = (value: number): number => (value === 0 ? 0 : value);

const kinds: Readonly<Record<string, (schema: TSchema) => Values>> = {
  Object: ({ properties, required = [], additionalProperties }) => {
    const fields = Object.fromEntries(
      Object.entries(properties as Record<string, TSchema>).map(([name, field]) => [name, fromSchema(field)]),
    );
    const known = fc.record(fields, { requiredKeys: required as never, noNullPrototype: true });
    if (additionalProperties !== true) return known;
    return fc
      .tuple(fc.dictionary(key, json, { maxKeys: 3, noNullPrototype: true }), known)
      .map(([more, own]) => ({ ...more, ...own }));
  },
  Array: ({ items, minItems = 0, maxItems = 6, uniqueItems = false }) => {
    const lengths = { minLength: minItems, maxLength: Math.min(maxItems, minItems + 6) };
    return uniqueItems
      ? fc.uniqueArray(fromSchema(items), { ...lengths, comparator: 'SameValue' })
      : fc.array(fromSchema(items), lengths);
  },
  Tuple: ({ items = [] }) => fc.tuple(...(items as TSchema[]).map(fromSchema)),
  Record: ({ patternProperties }) => {
    const [value] = Object.values(patternProperties as Record<string, TSchema>);
    return fc.dictionary(key, fromSchema(value as TSchema), { maxKeys: 5, noNullPrototype: true });
  },
  Union: ({ anyOf }) => fc.oneof(...(anyOf as TSchema[]).map(fromSchema)),
  Literal: ({ const: only }) => fc.constant(only),
  String: ({ pattern, minLength = 0, maxLength = 24 }) =>
    pattern === undefined
      ? fc
          .string({ unit: 'binary', minLength, maxLength: Math.min(maxLength, minLength + 24) })
          .filter((text) => text.length <= maxLength)
      : fc.stringMatching(new RegExp(pattern)),
  Number: ({ minimum, maximum, exclusiveMinimum }) =>
    fc
      .double({
        noNaN: true,
        noDefaultInfinity: true,
        min: minimum ?? exclusiveMinimum ?? -Number.MAX_VALUE,
        max: maximum ?? Number.MAX_VALUE,
        minExcluded: exclusiveMinimum !== undefined,
      })
      .map(positiveZero),
  Integer: ({ minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }) =>
    fc.oneof(
      fc.integer({ min: minimum, max: Math.min(maximum, minimum + 300) }),
      fc.maxSafeInteger().map((n) => Math.min(maximum, Math.max(minimum, n))),
    ),
  Uint8Array: ({ maxByteLength = 64 }) => fc.uint8Array({ maxLength: Math.min(maxByteLength, 64) }),
  Boolean: () => fc.boolean(),
  Null: () => fc.constant(null),
  Unknown: () => json,
};

/** Anything that fits into a message where the schema says nothing. */
const json: Values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(positiveZero),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
