/** Under which names a thread and its node speak about the bus. */
export const THREAD = {
  said: 'bus.said',
  subscribe: 'bus.subscribe',
  respond: 'bus.respond',
  leave: 'bus.leave',
  heard: 'bus.heard',
  asked: 'bus.asked',
  question: 'bus.question',
} as const;

/** Messages of one subscription that a thread may hold and not have settled. */
export const HANDED = 8;
