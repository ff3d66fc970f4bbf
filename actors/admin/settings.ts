/** Settings that change while everything runs: all that were asked for, or none. */
import type { TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { EsperError } from '../../contracts/index.ts';
import type { AdminHandlers } from './targets.ts';
import { untouched } from './untouched.ts';

/** One that can be set. What it stands for lives elsewhere. */
export interface LiveSetting {
  /** Dotted, as in the configuration: `log.level`. */
  readonly key: string;
  readonly about: string;
  readonly schema: TSchema;
  read(): unknown;
  /** Tries it on a copy: what would be wrong with it, or null. Changes nothing. */
  tryOut?(value: unknown): Promise<string | null>;
  /** Resolves when it counts; a run may take it at its next boundary. */
  apply(value: unknown): Promise<void>;
}

/** One that can be read alone. */
export interface FixedSetting {
  readonly key: string;
  readonly about: string;
  readonly value: unknown;
  readonly whyNot: string;
}

type SettingsHandlers = Required<Pick<AdminHandlers, 'config-get' | 'config-set' | 'log-level'>>;

/** Handlers for the commands about settings. `log-level` sets the one called `log.level`. */
export function settingsHandlers(
  live: readonly LiveSetting[],
  fixed: readonly FixedSetting[],
): SettingsHandlers {
  const desk = new SettingsDesk(live, fixed);
  return {
    'config-get': async ({ key }) => ({ settings: desk.list(key) }),
    'config-set': async ({ set }) => done(await desk.set(set)),
    'log-level': async ({ level }) => done(await desk.set({ 'log.level': level })),
  };
}

const done = (details: Record<string, unknown>) => ({
  done: `set ${Object.keys(details).join(', ')}`,
  details,
});

class SettingsDesk {
  readonly #live: ReadonlyMap<string, LiveSetting>;
  readonly #fixed: readonly FixedSetting[];
  /** One transaction at a time: what was verified must still be so when it is applied. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(live: readonly LiveSetting[], fixed: readonly FixedSetting[]) {
    this.#live = new Map(live.map((setting) => [setting.key, setting]));
    this.#fixed = fixed;
  }

  list(key: string | undefined) {
    const all = [
      ...[...this.#live.values()].map((one) => ({ ...pick(one), value: one.read(), live: true })),
      ...this.#fixed.map((one) => ({ ...pick(one), value: one.value, live: false })),
    ];
    const found = all.filter((one) => key === undefined || one.key === key || one.key.startsWith(`${key}.`));
    if (found.length === 0) throw unknownSetting(String(key));
    return found;
  }

  /** Resolves with what was before and is now. */
  set(wanted: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    const mine = this.#turn.then(() => this.#transact(Object.entries(wanted)));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #transact(wanted: readonly (readonly [string, unknown])[]): Promise<Record<string, unknown>> {
    const changes: { setting: LiveSetting; value: unknown; before: unknown }[] = [];
    for (const [key, value] of wanted) {
      const setting = this.#settable(key);
      const problem =
        Value.Errors(setting.schema, value).First()?.message ?? (await setting.tryOut?.(value)) ?? null;
      if (problem !== null) throw badValue(key, problem);
      changes.push({ setting, value, before: setting.read() });
    }
    const tried: typeof changes = [];
    try {
      for (const change of changes) {
        tried.push(change);
        await change.setting.apply(change.value);
      }
    } catch (cause) {
      await rollBack(tried, cause);
    }
    return Object.fromEntries(
      changes.map(({ setting, value, before }) => [setting.key, { before, now: value }]),
    );
  }

  #settable(key: string): LiveSetting {
    const setting = this.#live.get(key);
    if (setting !== undefined) return setting;
    const fixed = this.#fixed.find((one) => one.key === key);
    if (fixed === undefined) throw unknownSetting(key);
    throw untouched(
      new EsperError(
        'ADMIN_SETTING_FIXED',
        `${key} cannot be set while everything runs: ${fixed.whyNot}`,
        { key },
        { hint: 'change the file and start anew' },
      ),
    );
  }
}

const pick = ({ key, about }: { readonly key: string; readonly about: string }) => ({ key, about });

/** The one that failed too: nobody knows how far it came. @throws always */
async function rollBack(
  tried: readonly { setting: LiveSetting; before: unknown }[],
  cause: unknown,
): Promise<never> {
  const left: string[] = [];
  for (const { setting, before } of tried.toReversed()) {
    await setting.apply(before).catch(() => left.push(setting.key));
  }
  const keys = tried.map(({ setting }) => setting.key);
  const why = cause instanceof Error ? cause.message : String(cause);
  if (left.length === 0)
    throw untouched(
      new EsperError('ADMIN_SETTING_UNAPPLIED', `nothing was set: ${why}`, { keys }, { cause }),
    );
  throw new EsperError(
    'ADMIN_SETTING_HALF_SET',
    `setting failed (${why}), and so did taking back ${left.join(', ')}`,
    { keys, left },
    { cause, hint: 'esper admin config get shows what is so now' },
  );
}

export const unknownSetting = (key: string): EsperError =>
  untouched(
    new EsperError(
      'ADMIN_SETTING_NOT_FOUND',
      `there is no setting ${key}`,
      { key },
      { hint: 'esper admin config get' },
    ),
  );

const badValue = (key: string, problem: string): EsperError =>
  untouched(
    new EsperError(
      'ADMIN_SETTING_INVALID',
      `${key}: ${problem}; nothing was set`,
      { key, problem },
      { hint: 'esper admin config get says what it is about' },
    ),
  );
