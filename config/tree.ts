/** Settings before they are checked: values that remember where they came from, layer upon layer. */
import type { Origin } from './problem.ts';

export type Tree =
  | { readonly kind: 'scalar'; readonly value: string | number | boolean | null; readonly at: Origin }
  | { readonly kind: 'list'; readonly items: readonly Tree[]; readonly at: Origin }
  | Branch;

export interface Branch {
  readonly kind: 'map';
  readonly fields: ReadonlyMap<string, Tree>;
  readonly at: Origin;
  /** Place of each key as written, for problems that concern the key and not its value. */
  readonly keys?: ReadonlyMap<string, Origin>;
}

export const emptyBranch = (at: Origin): Branch => ({ kind: 'map', fields: new Map(), at });

/** Plain data as a tree, all of it from one place. */
export function treeOf(value: unknown, at: Origin): Tree {
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item) => treeOf(item, at)), at };
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([key, field]) => [key, treeOf(field, at)] as const);
    return { kind: 'map', fields: new Map(fields), at };
  }
  return { kind: 'scalar', value: value as string | number | boolean | null, at };
}

/** `over` wins; two maps are joined key by key, anything else is replaced whole. */
export function merge(under: Tree, over: Tree): Tree {
  if (under.kind !== 'map' || over.kind !== 'map') return over;
  const fields = new Map(under.fields);
  for (const [key, field] of over.fields) {
    const below = fields.get(key);
    fields.set(key, below ? merge(below, field) : field);
  }
  return { ...over, fields, keys: new Map([...(under.keys ?? []), ...(over.keys ?? [])]) };
}

/** The branch that holds only `value` at `path`. */
export function planted(path: readonly string[], value: Tree): Tree {
  return path.reduceRight<Tree>(
    (inner, key) => ({ kind: 'map', fields: new Map([[key, inner]]), at: value.at }),
    value,
  );
}

/** Origin of every setting, by dotted path; a list counts as one setting. */
export function originsOf(tree: Tree, path = ''): Map<string, Origin> {
  const found = new Map<string, Origin>();
  if (tree.kind !== 'map' || tree.fields.size === 0) return found.set(path, tree.at);
  for (const [key, field] of tree.fields) {
    for (const [inner, at] of originsOf(field, path ? `${path}.${key}` : key)) found.set(inner, at);
  }
  return found;
}
