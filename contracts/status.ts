/** What one may ask Nissa. */
import { type MessageOf, message } from './message.ts';
import { Count } from './units.ts';

/** Answered with counters, gauges, stages and the newest `limit` of each kind of record, oldest first. */
export const StatusRequested = message('nissa.status.requested', 1, { limit: Count });
export type StatusRequested = MessageOf<typeof StatusRequested>;
