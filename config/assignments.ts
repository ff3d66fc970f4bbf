/** Settings from outside the file: `ESPER_TRAINING__EPOCHS=30` in the environment, `--set training.epochs=30` on the command line. */
import { parseDocument } from 'yaml';
import type { Origin, Problem } from './problem.ts';
import { fieldOf, type Schema } from './schema.ts';
import { type Branch, emptyBranch, merge, planted, type Tree, treeOf } from './tree.ts';

export interface Assignments {
  readonly tree: Branch;
  readonly problems: readonly Problem[];
}

/**
 * Variables named `ESPER_<SECTION>__<SETTING>`, and `ESPER_<SETTING>` for settings at the top.
 * Other `ESPER_*` names belong to the process (ESPER_HOME, ESPER_DATA_DIR) and are left alone.
 */
export function fromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  schema: Schema,
): Assignments {
  const all: Assignment[] = [];
  for (const [name, text] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith('ESPER_') || text === undefined) continue;
    const words = name.slice('ESPER_'.length).split('__');
    const path = spelledAs(schema, words);
    const concerns = words.length > 1 || fieldOf(schema, path[0] ?? '') !== undefined;
    if (concerns) all.push({ path, text, at: { kind: 'env', label: `env:${name}` } });
  }
  return together(all, { kind: 'env', label: 'environment' });
}

/** @param sets `key=value` each, in order; later ones win */
export function fromSets(sets: readonly string[]): Assignments {
  const at: Origin = { kind: 'set', label: '--set' };
  const all: Assignment[] = [];
  const problems: Problem[] = [];
  for (const set of sets) {
    const equals = set.indexOf('=');
    if (equals < 1) {
      const text = `\`${set}\` is not of the form key=value`;
      problems.push({ code: 'CONFIG_SYNTAX', path: '', at, text, hint: '--set training.epochs=30' });
      continue;
    }
    all.push({ path: set.slice(0, equals).split('.'), text: set.slice(equals + 1), at });
  }
  const { tree, problems: more } = together(all, at);
  return { tree, problems: [...problems, ...more] };
}

interface Assignment {
  readonly path: readonly string[];
  readonly text: string;
  readonly at: Origin;
}

function together(all: readonly Assignment[], at: Origin): Assignments {
  const problems: Problem[] = [];
  let tree: Tree = emptyBranch(at);
  for (const { path, text, at } of all) {
    const document = parseDocument(text, { prettyErrors: false });
    const broken = document.errors[0];
    if (broken) {
      const name = path.join('.');
      const hint = 'quote the value, or write a list as [a, b]';
      problems.push({
        code: 'CONFIG_SYNTAX',
        path: name,
        at,
        text: `the value of ${name} is not YAML: ${broken.message}`,
        hint,
      });
      continue;
    }
    tree = merge(tree, planted(path, treeOf(document.toJS({ maxAliasCount: 0 }), at)));
  }
  return { tree: tree as Branch, problems };
}

/** `BOUNDARY_EPOCHS` finds `boundaryEpochs`; a word nobody knows becomes camel case and is refused later, with its place. */
function spelledAs(schema: Schema, words: readonly string[]): string[] {
  let here: Schema | undefined = schema;
  return words.map((word) => {
    const bare = word.replaceAll('_', '').toLowerCase();
    const known = Object.keys(here?.properties ?? {}).find((key) => key.toLowerCase() === bare);
    here = known === undefined ? undefined : fieldOf(here, known);
    return known ?? word.toLowerCase().replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase());
  });
}
