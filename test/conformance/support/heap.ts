/** Who is still held by somebody? Only the garbage collector knows, so it is asked. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** The engine itself may hold one for a moment: a compiler at work beside us keeps what it looks at. */
const ROUNDS = 30;

/** Rounds enough to let go of most of what nobody holds: who expects all to be held need not wait for the last one. */
export const FEW_ROUNDS = 3;

/** How many of these are held by anybody else. */
export async function stillHeld(some: readonly WeakRef<object>[], rounds = ROUNDS): Promise<number> {
  let held = some.length;
  for (let round = 0; round < rounds && held > 0; round++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve); // a weak ref keeps its target until the present job is over
    });
    collect();
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    held = some.filter((one) => one.deref() !== undefined).length;
  }
  return held;
}
