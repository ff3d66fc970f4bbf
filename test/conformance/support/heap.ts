/** Who is still held by somebody? Only the garbage collector knows, so it is asked. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** How many of these are held by anybody else. */
export async function stillHeld(some: readonly WeakRef<object>[]): Promise<number> {
  for (let round = 0; round < 3; round++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve); // a weak ref keeps its target until the present job is over
    });
    collect();
  }
  return some.filter((one) => one.deref() !== undefined).length;
}
