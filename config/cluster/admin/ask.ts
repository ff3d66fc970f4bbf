/** Questions of those who command, put to the actors who know; a refusal comes back as an error people can read. */
import { EsperError, toFailure } from '../../../contracts/index.ts';
import type { PlacementCommand } from '../../../contracts/placement.ts';
import { CommandGiven, type PlacementStatus, StatusWanted } from '../../../contracts/placement-messages.ts';
import type { ActorSystem } from '../../../runtime/index.ts';
import { stewardRef } from '../../../runtime/placement/index.ts';

type System = Pick<ActorSystem, 'ref'>;

/** Milliseconds; whoever looks is not kept waiting while there is no steward. */
const STATUS_WITHIN_MS = 2_500;
const COMMAND_WITHIN_MS = 6_000;

/** Null while there is no steward that knows. */
export async function placementOf(system: System): Promise<PlacementStatus | null> {
  try {
    const within = { withinMs: STATUS_WITHIN_MS };
    return await stewardRef(system).ask<PlacementStatus>(StatusWanted.of({}), within);
  } catch (thrown) {
    // Who is there and how the run goes is known without a steward as well; the answer says that there is none.
    if (thrown instanceof EsperError) return null;
    throw thrown;
  }
}

/** What the steward says to it. @throws ADMIN_TARGET_REFUSED, ADMIN_TARGET_SILENT */
export function toSteward(system: System, command: PlacementCommand): Promise<Record<string, unknown>> {
  const ref = stewardRef(system);
  return answered('the steward', ref.ask(CommandGiven.of({ command }), { withinMs: COMMAND_WITHIN_MS }));
}

/** @param whom as people call it. @throws ADMIN_TARGET_REFUSED, ADMIN_TARGET_SILENT (retryable) */
export async function answered<R>(whom: string, answer: Promise<unknown>): Promise<R> {
  try {
    return (await answer) as R;
  } catch (cause) {
    const { code, message, details } = toFailure(cause);
    if (code !== 'ACTOR_REFUSED') throw silent(whom, code, message, cause);
    const { refused, details: facts } = details as { refused: string; details?: Record<string, unknown> };
    const { message: said, ...rest } = facts ?? {};
    const words = Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`);
    const text = [said === undefined ? refused : `${String(said)} (${refused})`, ...words].join(', ');
    throw new EsperError(
      'ADMIN_TARGET_REFUSED',
      `${whom} refuses: ${text}`,
      { refused, ...facts },
      { cause, hint: `esper explain ${refused}` },
    );
  }
}

const silent = (whom: string, code: string, why: string, cause: unknown) =>
  new EsperError(
    'ADMIN_TARGET_SILENT',
    `${whom} did not answer: ${why}`,
    { code },
    {
      cause,
      retryable: true,
      hint: 'esper admin status says who is there; it may have happened all the same',
    },
  );
