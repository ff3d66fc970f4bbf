/** Waits until every promise chain that needs nothing from outside has run. */

/** An immediate fires when the last of them is through: one turn of the event loop, a few microseconds. */
export const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
