/** A rollback that a person commanded: to the newest boundary, at one step of the run and only once. */
import type { CommandRefusal, CullReason } from '../../contracts/index.ts';
import { answer, commandedAt } from './commanded.ts';
import type { TolariaArgs } from './deps.ts';
import type { RunState, Scars } from './run-state.ts';

/** Why the group goes back, and who is to blame. Travels with the rollback and comes back as `runtime.rolled_back`. */
export interface Blame {
  readonly guilty: readonly string[];
  readonly cause: 'not_finite' | 'exploding' | 'governor' | 'commanded';
}

export const cullReasonFor = (blame: Blame | null): CullReason => {
  if (blame === null || blame.cause === 'governor') return 'rolled_back';
  return blame.cause === 'commanded' ? 'cancelled' : blame.cause;
};

const GROWING: ReadonlySet<string> = new Set([
  'GERMINATED',
  'TRAINING',
  'BLENDING',
  'SHADOWING',
  'PROBATIONARY',
]);

/**
 * Looked for before each step. What is due is written down before anything goes back, as struck or as refused: training
 * that is repeated from the journal goes back at the same step.
 * @returns the reason and whom it blames, or null when nothing is due
 */
export function backByHand(
  args: TolariaArgs,
  state: RunState,
  scars: Scars,
): { readonly reason: string; readonly blame: Blame } | null {
  const struck = scars.commanded ?? [];
  const order = args.orders.rollbackAt(state.boundary - 1, state.step, struck);
  if (order?.command.do !== 'rollback') return null;
  scars.commanded = [...struck, order.number];
  const { blame } = order.command;
  const stranger = blame.find((seedId) => !growing(state, seedId));
  const refused =
    stranger === undefined
      ? null
      : refuse('TOLARIA_NOBODY_TO_BLAME', `no seed ${stranger} is growing`, 'esper admin seeds ls');
  const epoch = Math.floor(state.step / args.work.stepsPerEpoch);
  const boundary = state.boundary - 1;
  const culled = blame.length === 0 ? '' : `; ${blame.join(', ')} taken out, and quarantined`;
  const text = `back from step ${state.step} to boundary ${boundary}${culled}`;
  const said = { refused, text: refused?.message ?? text };
  const record = commandedAt(order, { boundary, epoch, step: state.step }, said);
  args.log.append(record);
  answer(args, [record]);
  if (refused !== null) return null;
  return { reason: `commanded by ${order.by.who}`, blame: { guilty: blame, cause: 'commanded' } };
}

const growing = ({ seeds }: RunState, seedId: string) =>
  seeds.some((seed) => seed.seedId === seedId && GROWING.has(seed.stage));

const refuse = (code: string, message: string, hint: string): CommandRefusal => ({ code, message, hint });
