/** Settings of a run that may change while it trains: growth's patience and measure, nothing that the tensors are made of. */
import type { TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import {
  type CommandRefusal,
  GrowthConfig,
  type RunConfig,
  type RunSettings,
  TempoConfig,
} from '../../contracts/index.ts';

const TEMPO = {
  training: 'boundaries a seed trains apart',
  probation: 'boundaries it is on trial',
  embargo: 'boundaries a slot rests after a cull',
  plateauWindow: 'boundaries that make a plateau',
  plateauGain: 'percent of loss that break one',
  latest: 'share of the run in which seeds are planted',
  spacing: 'boundaries from one planting to the next',
} as const;
const GROWTH = {
  maxLiveSeeds: 'seeds that grow at once',
  minContribution: 'percent of loss a seed must remove',
  parameterRent: 'points a seed pays for its size',
} as const;

function namesOf<T extends object>(table: T): (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[];
}

export interface LiveRunSetting {
  /** As in the run's configuration. */
  readonly key: string;
  readonly about: string;
  readonly schema: TSchema;
  read(config: RunConfig): number;
  write(config: RunConfig, value: number): void;
}

/** Every one of them, read anew at each boundary by whoever goes by it. */
export const LIVE_RUN_SETTINGS: readonly LiveRunSetting[] = [
  ...namesOf(TEMPO).map(
    (name): LiveRunSetting => ({
      key: `growth.tempo.${name}`,
      about: TEMPO[name],
      schema: TempoConfig.properties[name],
      read: ({ growth }) => growth.tempo[name],
      write: ({ growth }, value) => {
        growth.tempo[name] = value;
      },
    }),
  ),
  ...namesOf(GROWTH).map(
    (name): LiveRunSetting => ({
      key: `growth.${name}`,
      about: GROWTH[name],
      schema: GrowthConfig.properties[name],
      read: ({ growth }) => growth[name],
      write: ({ growth }, value) => {
        growth[name] = value;
      },
    }),
  ),
];

/** Why not all of these can be set; null when they can. Changes nothing. */
export function settingsRefused(settings: RunSettings): CommandRefusal | null {
  for (const [key, value] of Object.entries(settings)) {
    const setting = LIVE_RUN_SETTINGS.find((one) => one.key === key);
    if (setting === undefined)
      return refuse(
        'TOLARIA_SETTING_FIXED',
        `${key} cannot be set while a run trains`,
        `these can: ${LIVE_RUN_SETTINGS.map((one) => one.key).join(', ')}`,
      );
    const problem = Value.Errors(setting.schema, value).First();
    if (problem !== undefined)
      return refuse(
        'TOLARIA_SETTING_INVALID',
        `${key}: ${problem.message}, not ${value}`,
        'nothing was set; esper admin config get shows what is so now',
      );
  }
  return null;
}

const refuse = (code: string, message: string, hint: string): CommandRefusal => ({ code, message, hint });

/** The settings of one run. Everybody in the training group reads the one configuration that this one writes. */
export class LiveSettings {
  readonly #config: RunConfig;
  readonly #born: RunSettings;

  /** @param config changed in place from now on */
  constructor(config: RunConfig) {
    this.#config = config;
    this.#born = this.now();
  }

  now(): RunSettings {
    return Object.fromEntries(LIVE_RUN_SETTINGS.map(({ key, read }) => [key, read(this.#config)]));
  }

  /** What was set so far counts; everything else is as the run began with it. */
  keep(set: RunSettings = {}): void {
    for (const { key, write } of LIVE_RUN_SETTINGS) {
      const value = set[key] ?? this.#born[key];
      if (value !== undefined) write(this.#config, value);
    }
  }
}
