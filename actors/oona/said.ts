/** How something is said when nobody says how: with normal priority, and for ever. */
import type { PublishOptions } from '../../runtime/index.ts';

/** Of a message that nobody ranked. */
export const NORMAL = 2;

/** @param options a number stands for the priority */
export function said(options: number | PublishOptions): PublishOptions & { readonly priority: number } {
  return typeof options === 'number' ? { priority: options } : { priority: NORMAL, ...options };
}
