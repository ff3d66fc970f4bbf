/** What the nodes of the suite seal their words with; whoever forges does not have it. */
export const SEAL_SECRET = new TextEncoder().encode('known to the nodes of the broken cluster alone');
