/** What a person may write in a run's YAML: the contract with every field optional, its default and a line of prose. */
import type { TSchema } from '@sinclair/typebox';
import { BLUEPRINT_FAMILIES, RunConfig, SPANS } from '../contracts/index.ts';
import { CATALOGUE } from './datasets/catalogue.ts';
import { defaults } from './defaults.ts';
import { prose } from './prose.ts';

/** The part of JSON schema that run settings use. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly pattern?: string;
}

/** Data sets a config may name. */
const DATASETS = [...CATALOGUE.map(({ name }) => name), 'csv'];

/** Where the contract says "a string" and a person deserves a closed list. */
const narrower: Readonly<Record<string, Schema>> = {
  'task.dataset': { type: 'string', enum: DATASETS },
  'growth.spans': { type: 'array', items: { type: 'string', enum: SPANS } },
  'growth.families': { type: 'array', items: { type: 'string', enum: BLUEPRINT_FAMILIES } },
};

interface Section {
  readonly about: string;
  readonly fields: Readonly<Record<string, string | Section>>;
}

/** The whole schema: sections and settings as a tree, ranges taken from the contract. */
export const configSchema: Schema = section(
  '',
  RunConfig,
  { about: 'One training run of Esper. Everything may be left out.', fields: prose },
  defaults,
);

function section(path: string, contract: TSchema, about: Section, values: unknown): Schema {
  const fields = Object.entries(about.fields).map(([key, text]) => {
    const at = path ? `${path}.${key}` : key;
    const inner = (contract.properties as Record<string, TSchema>)[key] as TSchema;
    const value = (values as Record<string, unknown> | undefined)?.[key];
    return [key, typeof text === 'string' ? leaf(at, inner, text, value) : section(at, inner, text, value)];
  });
  return {
    type: 'object',
    description: about.about,
    additionalProperties: false,
    properties: Object.fromEntries(fields),
  };
}

function leaf(path: string, contract: TSchema, description: string, value: unknown): Schema {
  const shape = plain(narrower[path] ?? contract);
  return { ...shape, description, ...(value === undefined ? {} : { default: value }) };
}

/** A union of fixed words is an `enum`: editors complete it, people can read it. */
function plain(schema: Schema): Schema {
  if (schema.anyOf?.every((option) => option.const !== undefined)) {
    return { enum: schema.anyOf.map((option) => option.const) };
  }
  return {
    ...schema,
    ...(schema.anyOf && { anyOf: schema.anyOf.map(plain) }),
    ...(schema.items && { items: plain(schema.items) }),
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([key, field]) => [key, plain(field)]),
      ),
    }),
  };
}

/** Settings of several kinds, told apart by one word in each: its key, and the kind for every word. */
export function kindsOf(
  schema: Schema,
): { readonly key: string; readonly kinds: ReadonlyMap<unknown, Schema> } | null {
  const [first, ...others] = schema.anyOf ?? [];
  const word = (option: Schema | undefined, key: string) => option?.properties?.[key]?.const;
  const key = Object.keys(first?.properties ?? {}).find((name) => word(first, name) !== undefined);
  if (key === undefined || others.some((option) => word(option, key) === undefined)) return null;
  return { key, kinds: new Map((schema.anyOf ?? []).map((option) => [word(option, key), option])) };
}

/** The schema of one field; never something every object inherits, such as `constructor`. */
export const fieldOf = (schema: Schema | undefined, key: string): Schema | undefined =>
  schema?.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;

/** Every setting by its dotted path, sections left out. */
export function settings(schema: Schema = configSchema, path = ''): ReadonlyMap<string, Schema> {
  const found = new Map<string, Schema>();
  for (const [key, field] of Object.entries(schema.properties ?? {})) {
    const at = path ? `${path}.${key}` : key;
    if (field.properties && field.default === undefined) {
      for (const [inner, setting] of settings(field, at)) found.set(inner, setting);
    } else {
      found.set(at, field);
    }
  }
  return found;
}
