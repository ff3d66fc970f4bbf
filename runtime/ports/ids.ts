/** Names for things that need one. Injected, so that a simulated run names everything alike. */
export interface Ids {
  /** `<prefix>-<something unique>`, lower case, at most 40 characters. */
  next(prefix: string): string;
}
