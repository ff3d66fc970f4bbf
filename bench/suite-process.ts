/** One suite in a process of its own, so that it inherits neither compiled code nor a full heap from another. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Effort } from './sampling.ts';
import type { Figure } from './suite.ts';
import { SUITES } from './suites/index.ts';

const SELF = fileURLToPath(import.meta.url);

/** @throws when the process ended without figures; it has said why on stderr */
export async function runApart(name: string, { quick, long = false }: Effort): Promise<readonly Figure[]> {
  // heaps are weighed after a collection
  const child = fork(SELF, [name, long ? 'long' : quick ? 'quick' : 'full'], { execArgv: ['--expose-gc'] });
  let figures: readonly Figure[] | null = null;
  child.on('message', (message) => {
    figures = message as readonly Figure[];
  });
  await once(child, 'close');
  if (figures === null) throw new Error(`suite ${name} ended without figures`);
  return figures;
}

/** The other side. */
async function runHere(name: string, effort: Effort): Promise<void> {
  const suite = SUITES.find((one) => one.name === name);
  const figures = await suite?.run(effort);
  // suites leave nothing open but the tensor backend's own threads
  process.send?.(figures, () => process.exit(0));
}

if (process.argv[1] === SELF && process.send !== undefined) {
  await runHere(process.argv[2] ?? '', {
    quick: process.argv[3] === 'quick',
    long: process.argv[3] === 'long',
  });
}
