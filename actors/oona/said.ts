/** How something is said when nobody says how, and within the bounds that every reader of the wire insists on. */
import type { PublishOptions } from '../../runtime/index.ts';
import { badId } from './errors.ts';
import { isId } from './message-key.ts';

/** Of a message that nobody ranked. */
export const NORMAL = 2;

/**
 * @param options a number stands for the priority; one that is none counts as normal, a time that is none as for ever
 * @throws OONA_BAD_ID
 */
export function said(options: number | PublishOptions): PublishOptions & { readonly priority: number } {
  const { priority, id, withinMs } = typeof options === 'number' ? { priority: options } : options;
  if (id !== undefined && !isId(id)) throw badId(id);
  return {
    priority: rank(priority),
    ...(id === undefined ? {} : { id }),
    ...(Number.isFinite(withinMs) ? { withinMs: within(withinMs ?? 0) } : {}),
  };
}

const rank = (priority = NORMAL): number =>
  Number.isNaN(priority) ? NORMAL : Math.min(Math.max(Math.trunc(priority), 0), 4);

const within = (ms: number): number => Math.min(Math.max(ms, 0), Number.MAX_SAFE_INTEGER);
