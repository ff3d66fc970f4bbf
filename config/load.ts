/** From a file a person wrote to a config a run can trust: defaults, then file, then environment, then `--set`. */
import { Value } from '@sinclair/typebox/value';
import { EsperError, RunConfig } from '../contracts/index.ts';
import { fromEnvironment, fromSets } from './assignments.ts';
import { check } from './check.ts';
import { contradictions } from './contradictions.ts';
import { defaults } from './defaults.ts';
import { ConfigInvalid, type Origin, type Problem } from './problem.ts';
import { configSchema } from './schema.ts';
import { tempoFor } from './tempo.ts';
import { merge, originsOf, type Tree, treeOf } from './tree.ts';
import { treeFromYaml } from './yaml-tree.ts';

export interface ConfigSource {
  /** Name of the file, for places in messages. */
  readonly file: string;
  /** What the file says. */
  readonly text: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `key=value` each; later ones win. */
  readonly sets?: readonly string[];
}

export interface LoadedConfig {
  /** Complete: nothing is left to default. */
  readonly config: RunConfig;
  /** Where the value of each setting came from: `default`, `file:line`, `env:NAME` or `--set`. */
  readonly origins: ReadonlyMap<string, string>;
}

const byDefault: Origin = { kind: 'default', label: 'default' };

/**
 * Compiles a run's settings.
 * @throws CONFIG_INVALID (ConfigInvalid) holding every problem found
 */
export function loadConfig(source: ConfigSource): LoadedConfig {
  const file = treeFromYaml(source.text, source.file);
  const env = fromEnvironment(source.env ?? {}, configSchema);
  const sets = fromSets(source.sets ?? []);
  const given = [file.tree, env.tree, sets.tree].reduce<Tree>(merge, treeOf(defaults, byDefault));
  const checked = check(configSchema, given);
  const problems = [...file.problems, ...env.problems, ...sets.problems, ...checked.problems];
  if (problems.length > 0) throw new ConfigInvalid(problems.sort(inReadingOrder));

  const training = (checked.value as RunConfig).training;
  const tempo = treeOf({ growth: { tempo: tempoFor(training.epochs, training.boundaryEpochs) } }, byDefault);
  const whole = merge(tempo, given);
  const config = Value.Decode(RunConfig, check(configSchema, whole).value);
  const origins = originsOf(whole);
  const clashes = contradictions(config).map((clash): Problem => {
    const at = originOf(origins, clash.path) ?? byDefault;
    return { ...clash, code: 'CONFIG_CONTRADICTION', at, text: `${clash.path}: ${clash.text}` };
  });
  if (clashes.length > 0) throw new ConfigInvalid(clashes);
  return { config, origins: new Map([...origins].map(([path, at]) => [path, labelOf(at)])) };
}

/** The failure for a config file that is not there. */
export const configNotFound = (file: string): EsperError =>
  new EsperError(
    'CONFIG_NOT_FOUND',
    `there is no config file ${file}`,
    { file },
    { hint: 'esper train config/spirals.yaml' },
  );

/** Origin of a setting, or of the first thing inside it. */
export function originOf<T>(origins: ReadonlyMap<string, T>, path: string): T | undefined {
  const inside = [...origins].find(([key]) => key.startsWith(`${path}.`));
  return origins.get(path) ?? inside?.[1];
}

const labelOf = (at: Origin): string => (at.line === undefined ? at.label : `${at.label}:${at.line}`);

const LAYERS = ['file', 'env', 'set', 'default'] as const;
/** The file from top to bottom, then the environment, then `--set`. */
const inReadingOrder = ({ at: a }: Problem, { at: b }: Problem): number =>
  LAYERS.indexOf(a.kind) - LAYERS.indexOf(b.kind) ||
  (a.line ?? 0) - (b.line ?? 0) ||
  (a.column ?? 0) - (b.column ?? 0);
