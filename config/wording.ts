/** Schemas and values in plain words: "a whole number of 1 or more", "`all`", "a list of numbers". */
import { kindsOf, type Schema } from './schema.ts';
import type { Tree } from './tree.ts';

/** What a setting wants, as the end of a sentence that starts with "wants". */
export function expectation(schema: Schema): string {
  const told = kindsOf(schema);
  if (told) return `settings with ${told.key} one of ${[...told.kinds.keys()].join(', ')}`;
  if (schema.anyOf) return schema.anyOf.map(expectation).join(' or ');
  const words = literals(schema);
  if (words.length > 0) return words.length === 1 ? quoted(words[0]) : `one of ${words.join(', ')}`;
  if (schema.type === 'integer') return `a whole number${range(schema)}`;
  if (schema.type === 'number') return `a number${range(schema)}`;
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'null') return 'null';
  if (schema.type === 'array') return `a list, each ${expectation(schema.items ?? {})}`;
  if (schema.properties) return `settings (${Object.keys(schema.properties).join(', ')})`;
  if (schema.patternProperties) return 'settings, `name: value`';
  return schema.pattern ? `a text matching ${schema.pattern}` : 'a text';
}

/** The fixed words a schema allows; none when it is not that kind of schema. */
export const literals = (schema: Schema): readonly unknown[] =>
  schema.enum ?? (schema.const === undefined ? [] : [schema.const]);

/** What was found, short enough for a line. */
export function show(tree: Tree): string {
  if (tree.kind === 'list') return tree.items.length === 0 ? 'an empty list' : 'a list';
  if (tree.kind === 'map') return 'settings';
  return tree.value === null ? 'nothing' : quoted(tree.value);
}

const quoted = (value: unknown): string => (typeof value === 'string' ? `\`${value}\`` : String(value));

function range(schema: Schema): string {
  const { minimum, maximum, exclusiveMinimum } = schema;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (exclusiveMinimum !== undefined) return ` greater than ${exclusiveMinimum}`;
  return minimum === undefined ? '' : ` of ${minimum} or more`;
}
