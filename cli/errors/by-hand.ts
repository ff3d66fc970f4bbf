/** Codes of changes that people make in a run while it trains. */
import type { Row } from './row.ts';

export const byHand: readonly Row[] = [
  ['ADMIN_SETTINGS_MIXED', 'Settings of a node and of a run were to be set as one.', 'give two commands'],
  [
    'TAMIYO_BLUEPRINT_BARRED',
    'The blueprint is quarantined in this run: a seed that grew from it made training go wrong.',
    'name another one',
  ],
  [
    'TAMIYO_BLUEPRINT_UNFIT',
    'The blueprint cannot grow there, or the rules of the run do not let it.',
    'leave --blueprint out, and the one that scores best is planted',
  ],
  [
    'TAMIYO_BLUEPRINT_UNKNOWN',
    'The catalogue that the run began with has no such blueprint.',
    'the hint lists those it has',
  ],
  [
    'TAMIYO_NO_ROOM',
    'As much grows as the run allows.',
    'esper admin seeds cull, or config set run.growth.maxLiveSeeds',
  ],
  ['TAMIYO_SEED_NOT_GROWING', 'No seed of that name is growing now.', 'esper admin seeds ls'],
  ['TAMIYO_SLOT_TAKEN', 'Nothing can be planted in that slot now.', 'esper admin seeds ls; try later'],
  ['TAMIYO_SLOT_UNKNOWN', 'The network has no such slot.', 'the hint lists those it has'],
  [
    'TAMIYO_TOO_LATE',
    'A seed planted now could not finish its life before the run ends.',
    'start a run with more epochs',
  ],
  [
    'TOLARIA_NOBODY_TO_BLAME',
    'A rollback by hand blames a seed that does not grow; nothing went back.',
    'esper admin seeds ls',
  ],
  ['TOLARIA_ORDERS_FULL', 'Too many commands wait for a boundary of the run.', 'wait for the next boundary'],
  ['TOLARIA_RUN_OVER', 'The run ended before the command could act.', 'esper run show <run>'],
  [
    'TOLARIA_SETTING_FIXED',
    'The setting is not one that may change while a run trains.',
    'esper admin config get run lists those that may',
  ],
  [
    'TOLARIA_SETTING_INVALID',
    'A setting of a run cannot have this value; nothing was set.',
    'the message says why',
  ],
];
