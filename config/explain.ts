/** Answers "what is this setting, what may it be, what is it now and who said so". */
import { EsperError } from '../contracts/index.ts';
import { nearest } from './did-you-mean.ts';
import { type LoadedConfig, originOf } from './load.ts';
import { configSchema, fieldOf, type Schema, settings } from './schema.ts';
import { expectation } from './wording.ts';

export interface Explanation {
  readonly path: string;
  readonly about: string;
  readonly wants: string;
  /** Undefined where the default follows from the length of the run. */
  readonly default?: unknown;
  readonly value: unknown;
  readonly origin: string;
  /** Settings inside, when `path` is a section. */
  readonly inside: readonly string[];
}

/**
 * @param path    dotted, such as `training.epochs` or `growth`
 * @param loaded  the config whose values and origins are shown
 * @throws CONFIG_UNKNOWN_SETTING with the nearest name
 */
export function explain(path: string, loaded: LoadedConfig): Explanation {
  const schema = find(path);
  const inside = [...settings().keys()].filter((key) => key.startsWith(`${path}.`));
  return {
    path,
    about: schema.description ?? '',
    wants: expectation(schema),
    ...(schema.default === undefined ? {} : { default: schema.default }),
    value: path.split('.').reduce<unknown>(dig, loaded.config),
    origin: originOf(loaded.origins, path) ?? 'default',
    inside,
  };
}

function find(path: string): Schema {
  let here: Schema | undefined = configSchema;
  for (const key of path.split('.')) here = fieldOf(here, key);
  if (here) return here;
  const guess = nearest(path, settings().keys());
  const hint = guess ? `did you mean ${guess}?` : 'esper config schema lists every setting';
  throw new EsperError('CONFIG_UNKNOWN_SETTING', `there is no setting ${path}`, { path }, { hint });
}

const dig = (value: unknown, key: string): unknown => (value as Record<string, unknown> | null)?.[key];
