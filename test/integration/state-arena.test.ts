/** The state arena between real threads: a reader sees many states while they are written, and each of them whole. */
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { SEED_READINGS, StateArena } from '../../nn/state-arena.ts';

const SEEDS = 1_000;
/** Different states that the reader is to see: each was overwritten while or after it looked. */
const ENOUGH = 200;

it('is read whole in another thread while this one writes without rest', async () => {
  const arena = new StateArena(SEEDS);
  const reader = new Worker(new URL('./fixtures/arena-reader.mjs', import.meta.url), {
    workerData: { buffer: arena.buffer, enough: ENOUGH },
  });
  await once(reader, 'message');
  let report: { torn: number; seen: number } | null = null;
  reader.once('message', (message) => {
    report = message;
  });
  for (let written = 1; report === null; written++) {
    arena.write(SEEDS, (state) => {
      for (const name of SEED_READINGS) state[name].fill(written);
      state.seed.fill(written);
    });
    if (written % 8 === 0) await turn();
  }
  await reader.terminate();

  expect(report).toMatchObject({ torn: 0, seen: ENOUGH });
});
