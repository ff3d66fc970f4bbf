/** The second thread of a fused plan, as a worker of Node: it knows nothing but the kernels and the shared memory. */
import { Worker } from 'node:worker_threads';
import type { Engine } from '../fused/engine.ts';
import type { SecondThread } from '../fused/threads/pair.ts';
import { bytes } from '../kernels/fused-shared.wasm.ts';

/** The worker's program: so short that it needs no file of its own, which a source run would not find. */
const program = `
import { workerData } from 'node:worker_threads';
const module = new WebAssembly.Module(Buffer.from(workerData.bytes, 'base64'));
new WebAssembly.Instance(module, { env: { memory: workerData.memory } }).exports.serve();
`;

/**
 * Starts the thread; it serves as soon as it is up, and until then the asking side does its work. It keeps no process
 * alive.
 * @param onLost with a reason, when it ends without having been stopped
 */
export function startSecondThread(engine: Engine, onLost: (reason: string) => void): SecondThread {
  let stopping = false;
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), {
    name: 'second-half',
    workerData: { bytes, memory: engine.memory },
  });
  thread.unref();
  thread.on('error', (error) => onLost(error.message));
  thread.on('exit', (code) => {
    if (!stopping) onLost(`it ended with code ${code}`);
  });
  return {
    async stop() {
      stopping = true;
      await thread.terminate();
    },
  };
}
