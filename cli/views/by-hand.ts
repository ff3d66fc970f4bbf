/** What people changed in a run while it trained, as its journal tells it. */
import type { RunRecord } from '../../contracts/index.ts';
import type { Style } from '../render/style.ts';
import type { ByHand } from './documents.ts';
import { ofType } from './timeline.ts';

/** In the order in which it acted. */
export const byHand = (records: readonly RunRecord[]): ByHand[] =>
  ofType(records, 'tolaria.run.commanded').map(
    ({ number, boundary, epoch, step, command, by, refused, text }) => ({
      ...{ number, boundary, epoch, step, command, text },
      ...by,
      refused: refused?.code ?? null,
    }),
  );

/** One line: where, who, what came of it, and why they wanted it. */
export function byHandText(one: ByHand, paint: Style): string {
  const { epoch, step, who, role, command, refused, text, reason } = one;
  const outcome = refused === null ? text : `${paint.red('refused')} ${refused}, ${text}`;
  const why = reason === '' ? '' : paint.dim(`  "${reason}"`);
  return `epoch ${epoch}, step ${step}  ${command.do} by ${paint.cyan(who)} (${role}): ${outcome}${why}`;
}
