/** The real world: this process, its terminals, its disk, its signals. */
import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { engineRoom } from '../config/engine-room.ts';
import { settleNativeLibraries } from '../nn/adapters/native-settings.ts';
import { memoryMetrics } from '../runtime/adapters/memory/metrics.ts';
import { nodeClock } from '../runtime/adapters/node/clock.ts';
import { nodeDisk } from '../runtime/adapters/node/disk.ts';
import { nodeHttp } from '../runtime/adapters/node/http.ts';
import { nodeProcesses } from '../runtime/adapters/node/processes.ts';
import type { Log } from '../runtime/ports/log.ts';
import { gpuFacts } from './doctor/gpu-facts.ts';
import type { Machine, Terminal, World } from './world.ts';

/** @param late `runner` and `node` load what runs and nodes need, when the first command asks for it */
export function nodeWorld(late: Pick<World, 'runner' | 'node'>): World {
  settleNativeLibraries(process.env);
  return {
    version: versionOf(),
    out: terminal(process.stdout),
    err: terminal(process.stderr),
    env: process.env,
    disk: nodeDisk(),
    processes: nodeProcesses(),
    http: nodeHttp(),
    clock: nodeClock(),
    machine,
    ...late,
    async broker(options) {
      const { openNats } = await import('../runtime/adapters/nats/link.ts');
      return openNats({ ...options, clock: nodeClock(), log: silent, metrics: memoryMetrics() });
    },
    onInterrupt(listener) {
      const heard = (['SIGINT', 'SIGTERM'] as const).map(
        (signal) => [signal, () => listener(signal)] as const,
      );
      const orphaned = () => listener('SIGTERM');
      for (const [signal, hear] of heard) process.on(signal, hear);
      if (process.channel !== undefined) process.on('disconnect', orphaned);
      return () => {
        for (const [signal, hear] of heard) process.off(signal, hear);
        process.off('disconnect', orphaned);
      };
    },
    exitNow: (code) => process.exit(code),
  };
}

/** What goes wrong on the way reaches the command as an error; nothing else is of interest to whoever typed it. */
const silent: Log = { write: () => {}, with: () => silent };

/** From source the package lies one folder up, from the build two. */
function versionOf(): string {
  const files = ['../package.json', '../../package.json'].map((path) => new URL(path, import.meta.url));
  const file = files.find((url) => existsSync(url));
  return file ? String(JSON.parse(readFileSync(file, 'utf8')).version) : 'unknown';
}

/** A reader that went away (`esper runs ls | head`) is no error: what is left is not written. */
function terminal(stream: NodeJS.WriteStream): Terminal {
  let open = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    open = false;
  });
  return {
    write: (text) => {
      if (open) stream.write(text);
    },
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
    get rows() {
      return stream.rows;
    },
  };
}

const SIDE = 256;

const machine: Machine = {
  gpu: () => gpuFacts(process.env),
  nodeVersion: process.version,
  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
  openFilesMax() {
    const { userLimits } = process.report.getReport() as ProcessReport;
    const soft = Number(userLimits?.open_files?.soft);
    return Number.isFinite(soft) ? soft : null;
  },
  async multiply() {
    const [{ explainChoice, openTensorRuntime }, tf] = await Promise.all([
      import('../nn/adapters/open.ts'),
      import('../nn/adapters/tensorflow.ts'),
    ]);
    const { choice, maxBytes } = engineRoom('auto', process.env);
    const runtime = await openTensorRuntime(choice, { maxBytes });
    const clock = nodeClock();
    const a = runtime.upload(new Float32Array(SIDE * SIDE).fill(0.5), [SIDE, SIDE]);
    const multiply = async () => {
      const product = tf.matMul(a, a);
      await runtime.readPacked([product]);
      product.dispose();
    };
    await multiply(); // the first call also compiles
    let rounds = 0;
    const before = clock.nowMs();
    for (; clock.nowMs() - before < 10; rounds++) await multiply();
    const ms = clock.nowMs() - before;
    a.dispose();
    runtime.dispose();
    return {
      backend: runtime.name,
      chosen: explainChoice(runtime),
      ms,
      gigaflops: (2 * SIDE ** 3 * rounds) / ms / 1e6,
    };
  },
};

interface ProcessReport {
  readonly userLimits?: { readonly open_files?: { readonly soft?: string } };
}
