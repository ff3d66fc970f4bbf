/** The parent's end of a contender: starts it, asks for one burst at a time, ends it. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Order, Reply, Way } from './order.ts';

export interface Contender {
  readonly name: string;
  ask(order: Order): Promise<Reply>;
  close(): void;
}

/** One of ours, or a loop over tensorflow.js. */
export function nodeContender(name: string, way: Way): Contender {
  const entry = fileURLToPath(new URL('./contender-process.js', import.meta.url));
  const child = fork(entry, [JSON.stringify(way)], { execArgv: [] });
  return joined(name, child, {
    send: (order) => void child.send(order),
    hear: (listener) => void child.on('message', (message) => listener(message as Reply)),
  });
}

/** PyTorch, asked over lines of JSON; without it every answer is why. */
export function torchContender(name: string, root: string, python: string, threads: 1 | 2): Contender {
  const child = spawn(python, [`${root}bench/peers/torch_steps.py`, `${threads}`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout });
  child.stdin.on('error', () => undefined); // a peer that is not there hears nothing; its end is told below
  return joined(name, child, {
    send: (order) => void child.stdin.write(`${JSON.stringify(order)}\n`),
    hear: (listener) => void lines.on('line', (line) => listener(JSON.parse(line) as Reply)),
  });
}

interface Wire {
  send(order: Order): void;
  hear(listener: (reply: Reply) => void): void;
}

/** @param name for figures. A process that ends is absent from then on. */
function joined(name: string, child: ChildProcess, wire: Wire): Contender {
  let waiting: ((reply: Reply) => void) | null = null;
  let gone: Reply | null = null;
  const settle = (reply: Reply) => {
    waiting?.(reply);
    waiting = null;
  };
  wire.hear(settle);
  const end = (why: string) => {
    gone ??= { absent: why };
    settle(gone);
  };
  child.on('error', ({ message }) => end(message));
  child.on('exit', (status, signal) => end(`its process ended with ${signal ?? status}`));
  return {
    name,
    ask: (order) =>
      new Promise((resolve) => {
        if (gone !== null) return resolve(gone);
        waiting = resolve;
        wire.send(order);
      }),
    close: () => void child.kill(),
  };
}
