/** Who is still held by somebody? Only the garbage collector knows, so it is asked. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** The engine itself may hold one for a moment: a compiler at work beside us keeps what it looks at. */
const ROUNDS = 30;

/** How many of these were there after the last collection. */
export const thereOf = (some: readonly WeakRef<object>[]): number =>
  some.filter((one) => one.deref() !== undefined).length;

/** How many of these are held by anybody else. */
export async function stillHeld(some: readonly WeakRef<object>[]): Promise<number> {
  let held = some.length;
  for (let round = 0; round < ROUNDS && held > 0; round++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve); // a weak ref keeps its target until the present job is over
    });
    collect();
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    held = thereOf(some);
  }
  return held;
}
