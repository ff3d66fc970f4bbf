/** Holds a tree of settings against the schema: plain values out, or every problem with its place. */
import { nearest } from './did-you-mean.ts';
import type { Problem, ProblemCode } from './problem.ts';
import { fieldOf, kindsOf, type Schema } from './schema.ts';
import type { Branch, Tree } from './tree.ts';
import { expectation, literals, show } from './wording.ts';

export interface Checked {
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

/** Checks everything; nothing stops at the first problem. */
export function check(schema: Schema, tree: Tree): Checked {
  const checker = new Checker();
  const value = checker.value(schema, tree, '');
  return { value, problems: checker.problems };
}

class Checker {
  readonly problems: Problem[] = [];

  value(schema: Schema, tree: Tree, path: string): unknown {
    if (schema.anyOf) return this.oneOf(schema, tree, path);
    if (schema.enum || schema.const !== undefined) return this.word(schema, tree, path);
    if (schema.properties || schema.patternProperties) return this.map(schema, tree, path);
    if (schema.type === 'array') return this.list(schema, tree, path);
    return this.scalar(schema, tree, path);
  }

  private oneOf(schema: Schema, tree: Tree, path: string): unknown {
    const options = schema.anyOf ?? [];
    const told = kindsOf(schema);
    if (told && tree.kind === 'map') return this.kind(told, tree, path);
    for (const option of options) {
      const trial = new Checker();
      const value = trial.value(option, tree, path);
      if (trial.problems.length === 0) return value;
    }
    const alike = options.find((option) => sameShape(option, tree));
    if (alike) return this.value(alike, tree, path);
    return this.no('CONFIG_WRONG_TYPE', tree, path, schema);
  }

  /** The one word that says what kind of settings these are decides which others there may be. */
  private kind({ key, kinds }: NonNullable<ReturnType<typeof kindsOf>>, tree: Branch, path: string): unknown {
    const said = tree.fields.get(key);
    if (said === undefined) return this.missing(tree, key, path);
    const option = said.kind === 'scalar' ? kinds.get(said.value) : undefined;
    if (option) return this.map(option, tree, path);
    return this.word({ enum: [...kinds.keys()] }, said, `${path}.${key}`);
  }

  private word(schema: Schema, tree: Tree, path: string): unknown {
    const words = literals(schema);
    if (tree.kind === 'scalar' && words.includes(tree.value)) return tree.value;
    if (tree.kind !== 'scalar' || typeof tree.value !== typeof words[0]) {
      return this.no('CONFIG_WRONG_TYPE', tree, path, schema);
    }
    const guess = nearest(String(tree.value), words.map(String));
    return this.no('CONFIG_OUT_OF_RANGE', tree, path, schema, guess ? `did you mean ${guess}?` : '');
  }

  private map(schema: Schema, tree: Tree, path: string): unknown {
    if (tree.kind !== 'map') return this.no('CONFIG_WRONG_TYPE', tree, path, schema);
    const fields: [string, unknown][] = [];
    const anyKey = Object.values(schema.patternProperties ?? {})[0];
    for (const [key, field] of tree.fields) {
      const inner = fieldOf(schema, key) ?? anyKey;
      if (inner) fields.push([key, this.value(inner, field, path ? `${path}.${key}` : key)]);
      else this.unknownKey(schema, tree, key, path);
    }
    for (const key of schema.required ?? []) if (!tree.fields.has(key)) this.missing(tree, key, path);
    return Object.fromEntries(fields);
  }

  private list(schema: Schema, tree: Tree, path: string): unknown {
    if (tree.kind !== 'list') return this.no('CONFIG_WRONG_TYPE', tree, path, schema);
    return tree.items.map((item, index) => this.value(schema.items ?? {}, item, `${path}[${index}]`));
  }

  private scalar(schema: Schema, tree: Tree, path: string): unknown {
    const value = tree.kind === 'scalar' ? tree.value : undefined;
    if (!ofType(schema.type, value)) return this.no('CONFIG_WRONG_TYPE', tree, path, schema);
    if (!inRange(schema, value)) return this.no('CONFIG_OUT_OF_RANGE', tree, path, schema);
    return value;
  }

  private no(code: ProblemCode, tree: Tree, path: string, schema: Schema, hint = ''): undefined {
    const text = `${path} wants ${expectation(schema)}, got ${show(tree)}`;
    this.problems.push({ code, path, at: tree.at, text, hint });
  }

  private unknownKey(schema: Schema, tree: Branch, key: string, path: string): void {
    const known = Object.keys(schema.properties ?? {});
    const guess = nearest(key, known);
    const hint = guess ? `did you mean ${guess}?` : `known here: ${known.join(', ')}`;
    const at = tree.keys?.get(key) ?? tree.fields.get(key)?.at ?? tree.at;
    const text = `no setting \`${key}\` ${path ? `in ${path}` : 'at the top'}`;
    this.problems.push({ code: 'CONFIG_UNKNOWN_KEY', path: path ? `${path}.${key}` : key, at, text, hint });
  }

  private missing(tree: Branch, key: string, path: string): undefined {
    const text = `${path} needs \`${key}\``;
    const hint = 'this setting has no default';
    this.problems.push({ code: 'CONFIG_MISSING', path: `${path}.${key}`, at: tree.at, text, hint });
  }
}

/** The option a person most likely meant: the same kind of value, wrong only in detail. */
function sameShape(option: Schema, tree: Tree): boolean {
  if (tree.kind === 'map') return option.properties !== undefined;
  if (tree.kind === 'list') return option.type === 'array';
  if (typeof tree.value === 'number') return option.type === 'integer' || option.type === 'number';
  return false;
}

function ofType(type: string | undefined, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'number') return Number.isFinite(value);
  if (type === 'null') return value === null;
  return typeof value === type;
}

function inRange(schema: Schema, value: unknown): boolean {
  if (typeof value === 'string')
    return schema.pattern === undefined || new RegExp(schema.pattern).test(value);
  if (typeof value !== 'number') return true;
  if (schema.minimum !== undefined && value < schema.minimum) return false;
  if (schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum) return false;
  return schema.maximum === undefined || value <= schema.maximum;
}
