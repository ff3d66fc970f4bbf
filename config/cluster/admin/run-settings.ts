/** Settings of the node and of the run it may train, in one list: each set as a whole, or not at all. */
import { Deadline } from '../../../actors/admin/deadline.ts';
import { unknownSetting } from '../../../actors/admin/settings.ts';
import type { AdminHandlers } from '../../../actors/admin/targets.ts';
import { untouched } from '../../../actors/admin/untouched.ts';
import { LIVE_RUN_SETTINGS } from '../../../actors/tolaria/live-settings.ts';
import { EsperError, RunSettings, type SettingLine } from '../../../contracts/index.ts';
import { checkerOf } from '../../../runtime/checker.ts';
import { type RunSettingsHere, RunSettingsWanted } from './desk-messages.ts';
import { changeByHand, deskOf, inOwnWords } from './run-deeds.ts';
import type { AdminWorld } from './world.ts';

type Settings = Required<Pick<AdminHandlers, 'config-get' | 'config-set'>>;

/** What keys of a run begin with; the rest is as in its configuration. */
const OF_RUN = 'run.';

const numbers = checkerOf(RunSettings);
const isOfRun = (key: string) => key.startsWith(OF_RUN);

/** @param node handlers for the settings of this node alone */
export function settingsOfBoth(world: AdminWorld, node: Settings): Settings {
  return {
    async 'config-get'({ key }, caller) {
      const { deadline } = caller;
      if (key !== undefined && isOfRun(`${key}.`)) {
        const found = (await ofRun(world, deadline)).filter(
          (one) => one.key === key || one.key.startsWith(`${key}.`),
        );
        if (found.length === 0) throw unknownSetting(key);
        return { settings: found };
      }
      const { settings } = await node['config-get'](key === undefined ? {} : { key }, caller);
      return {
        settings: key === undefined ? [...settings, ...(await ofRunIfAny(world, deadline))] : settings,
      };
    },
    async 'config-set'(args, caller) {
      const keys = Object.keys(args.set);
      if (!keys.some(isOfRun)) return node['config-set'](args, caller);
      if (!keys.every(isOfRun)) throw mixed(keys);
      const settings = Object.fromEntries(
        Object.entries(args.set).map(([key, value]) => [key.slice(OF_RUN.length), value]),
      );
      if (!numbers.check(settings)) throw notNumbers();
      return changeByHand(world, { do: 'set', settings }, args, caller);
    },
  };
}

async function ofRun(world: AdminWorld, deadline: Deadline): Promise<SettingLine[]> {
  const { node, window } = await deskOf(world, deadline);
  const asked = window.ask(RunSettingsWanted.of({}), { withinMs: deadline.hopMs() });
  const { settings } = await inOwnWords<RunSettingsHere>(node, asked);
  return LIVE_RUN_SETTINGS.map(({ key, about }) => ({
    key: `${OF_RUN}${key}`,
    value: settings[key],
    live: true,
    about,
  }));
}

async function ofRunIfAny(world: AdminWorld, deadline: Deadline): Promise<SettingLine[]> {
  const { clock } = world.ports;
  const half = new Deadline(clock, clock.nowMs(), deadline.leftMs / 2);
  try {
    return await ofRun(world, half);
  } catch (thrown) {
    // Nothing is trained, or its node is silent: the node's own settings are the answer.
    if (thrown instanceof EsperError) return [];
    throw thrown;
  }
}

const mixed = (keys: readonly string[]) =>
  untouched(
    new EsperError(
      'ADMIN_SETTINGS_MIXED',
      'settings of a node and of a run cannot be set as one: they count at different times',
      { keys },
      { hint: 'give them in two commands; those of the run begin with run.' },
    ),
  );

const notNumbers = () =>
  untouched(
    new EsperError(
      'ADMIN_SETTING_INVALID',
      'settings of a run are numbers; nothing was set',
      {},
      { hint: 'esper admin config get run' },
    ),
  );
