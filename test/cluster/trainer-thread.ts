/** A loop that computes as training does, in a thread of its own, and counts its steps: what no fault of the cluster may slow down. */
import { parentPort } from 'node:worker_threads';

/** Multiplications of one step: about a millisecond. */
const SIZE = 96;
const [a, b, c] = [1, 2, 3].map((n) => new Float32Array(SIZE * SIZE).fill(n / SIZE)) as [
  Float32Array,
  Float32Array,
  Float32Array,
];

function step(): void {
  for (let i = 0; i < SIZE; i++) {
    for (let j = 0; j < SIZE; j++) {
      let sum = 0;
      for (let k = 0; k < SIZE; k++) sum += (a[i * SIZE + k] as number) * (b[k * SIZE + j] as number);
      c[i * SIZE + j] = sum;
    }
  }
}

let count = 0;
let sinceMs = performance.now();
const rest = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  step();
  count++;
  // Half of the time only: the machine has to carry the other nodes as well.
  Atomics.wait(rest, 0, 0, 1);
  const ms = performance.now() - sinceMs;
  if (ms < 100) continue;
  parentPort?.postMessage((count / ms) * 100);
  count = 0;
  sinceMs = performance.now();
}
