/** A member of a rollback group that writes down what is done to it. */

/** A participant whose restore can be made to fail. */
export function member(
  path: string,
  failing: Set<unknown> = new Set(),
  digests: ((saved: unknown) => string) | null = null,
) {
  const log: string[] = [];
  let state = 0;
  return {
    path,
    alive: true,
    incarnation: 1,
    handling: null as Promise<void> | null,
    hold: () => void log.push('hold'),
    letGo: () => void log.push('let go'),
    mailFrom: () => [],
    remail: () => void log.push('remail'),
    digest: (saved: unknown) => (digests ? digests(saved) : undefined),
    log,
    set: (value: number) => {
      state = value;
    },
    get: () => state,
    interrupt: () => void log.push('interrupt'),
    capture: () => state,
    restore(saved: unknown) {
      if (failing.has(saved)) throw new Error(`cannot restore ${saved}`);
      state = saved as number;
    },
    release: (saved: unknown) => void log.push(`release ${saved}`),
    tellSystem: () => {},
  };
}
