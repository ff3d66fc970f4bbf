/** Every row of the conformance table, in its order. */
import { additions } from './rows/additions.ts';
import { administration, start, stop } from './rows/beginnings.ts';
import { restartTypes, strategies, tree } from './rows/restarts.ts';
import type { Row } from './rows/row.ts';
import { significant } from './rows/significance.ts';
import { change, counting, orderScaleReports, restartLoops } from './rows/upkeep.ts';

export const rows: readonly Row[] = [
  ...start,
  ...stop,
  ...administration,
  ...restartTypes,
  ...strategies,
  ...tree,
  ...significant,
  ...counting,
  ...restartLoops,
  ...change,
  ...orderScaleReports,
  ...additions,
];

/** `otp 23 child_adm: every operation ...`: how a row's test is called. */
export const titleOf = ({ number, name, asserts }: Row): string =>
  `${number === null ? 'esper' : `otp ${number}`} ${name}: ${asserts}`;
