/** A child that takes its time to end. */
import type { ActorDefinition, Clock, Message } from '../../../runtime/index.ts';

/** Its `stopped` lasts `args` milliseconds of `clock`, for ever when that is infinite. */
export function slow(
  name: string,
  diary: string[],
  clock: () => Clock,
): ActorDefinition<number, Message, never, unknown> {
  return {
    name,
    fresh: (_cx, ms) => ms as number,
    decide: {},
    stopped: (ms, { kind }) =>
      new Promise<void>((resolve) => {
        const over = () => {
          diary.push(`${name} ends (${kind}) at ${clock().nowMs()} ms`);
          resolve();
        };
        if (Number.isFinite(ms)) clock().after(ms, over);
      }),
  };
}
