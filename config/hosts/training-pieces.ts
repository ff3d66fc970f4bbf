/** What a training host loads, piece by piece: between two of them it can be told what there is to do. */

const at = (path: string) => new URL(path, import.meta.url);

/** What reads data comes before what trains on it: data is read beside the rest of the loading. */
export const READER = at('./data-ahead.js');
export const ROOM = [
  at('../../nn/adapters/tensorflow.js'),
  at('../../nn/index.js'),
  at('../../actors/tolaria/actor.js'),
  at('./training-room.js'),
];
/** Needed when a run is opened: by then there is time for it, while a journal is begun or data is still read. */
export const OWNERS = at('../../runtime/adapters/comedy/index.js');

/** Loads them in this order. What is loaded already costs nothing. */
export async function loadPieces(modules: readonly URL[]): Promise<void> {
  for (const { href } of modules) await import(href);
}
