/** How urgent a message is: five classes of users, and the runtime before them all. */

/** 0 emergency (never shed for room), 1 strategic, 2 normal, 3 experimental, 4 background. */
export type Priority = 0 | 1 | 2 | 3 | 4;

export const PRIORITIES: readonly Priority[] = [0, 1, 2, 3, 4];

/** What `user` and a message that says nothing mean. */
export const NORMAL: Priority = 2;

export const classOf = (priority: Priority | 'system' | 'user' | undefined): Priority =>
  typeof priority === 'number' ? priority : NORMAL;
