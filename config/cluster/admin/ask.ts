/** Questions of those who command, put to the actors who know; a refusal comes back as an error people can read. */
import type { Deadline } from '../../../actors/admin/deadline.ts';
import { untouched } from '../../../actors/admin/untouched.ts';
import { EsperError, toFailure } from '../../../contracts/index.ts';
import type { PlacementCommand } from '../../../contracts/placement.ts';
import { CommandGiven, type PlacementStatus, StatusWanted } from '../../../contracts/placement-messages.ts';
import type { ActorSystem } from '../../../runtime/index.ts';
import { stewardRef } from '../../../runtime/placement/index.ts';

type System = Pick<ActorSystem, 'ref'>;

/** Refusals of those who do not know whether what they were asked for has happened. */
const UNSURE: ReadonlySet<unknown> = new Set([
  'ACTOR_CRASHED',
  'ACTOR_GONE',
  'ACTOR_TIMEOUT',
  'HOST_GONE',
  'HOST_TIMED_OUT',
  'PLACEMENT_NOT_STORED',
  'RUN_COMMAND_UNKNOWN',
]);

/** Null while there is no steward that knows. */
export async function placementOf(system: System, withinMs: number): Promise<PlacementStatus | null> {
  try {
    return await stewardRef(system).ask<PlacementStatus>(StatusWanted.of({}), { withinMs });
  } catch (thrown) {
    // Who is there and how the run goes is known without a steward as well; the answer says that there is none.
    if (thrown instanceof EsperError) return null;
    throw thrown;
  }
}

/** For those who cannot be answered without it. @param afterwardsMs needed when it is there @throws ADMIN_NO_STEWARD */
export async function placementFor(
  system: System,
  deadline: Deadline,
  afterwardsMs = 0,
): Promise<PlacementStatus> {
  const status = await placementOf(system, deadline.hopMs(afterwardsMs));
  if (status !== null) return status;
  throw untouched(
    new EsperError(
      'ADMIN_NO_STEWARD',
      'no steward answers, so nobody knows where everything should be',
      {},
      {
        retryable: true,
        hint: 'a new one is found within seconds: ask again; esper admin nodes says who is there',
      },
    ),
  );
}

/** What the steward says to it. @throws ADMIN_TARGET_REFUSED, ADMIN_TARGET_SILENT */
export function toSteward(
  system: System,
  command: PlacementCommand,
  withinMs: number,
): Promise<Record<string, unknown>> {
  const ref = stewardRef(system);
  return answered('the steward', ref.ask(CommandGiven.of({ command }), { withinMs }));
}

/**
 * A refusal is marked as having changed nothing; silence is not, nor what those refuse with who do not know themselves.
 * @param whom as people call it
 * @throws ADMIN_TARGET_REFUSED, ADMIN_TARGET_SILENT (retryable)
 */
export async function answered<R>(whom: string, answer: Promise<unknown>): Promise<R> {
  try {
    return (await answer) as R;
  } catch (cause) {
    const { code, message, details } = toFailure(cause);
    if (code !== 'ACTOR_REFUSED') throw silent(whom, code, message, cause);
    const { refused, details: facts } = details as { refused: string; details?: Record<string, unknown> };
    const { message: said, hint = `esper explain ${refused}`, retryable = false, ...rest } = facts ?? {};
    if (UNSURE.has(refused)) throw silent(whom, refused, String(said ?? refused), cause);
    const words = Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`);
    const text = [said === undefined ? refused : `${String(said)} (${refused})`, ...words].join(', ');
    throw untouched(
      new EsperError(
        'ADMIN_TARGET_REFUSED',
        `${whom} refuses: ${text}`,
        { refused, ...facts },
        { cause, hint: String(hint), retryable: retryable === true },
      ),
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
