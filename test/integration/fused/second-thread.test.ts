/** Two threads on one memory: the same bits as one, and no harm when the second is gone. */
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { startSecondThread } from '../../../nn/adapters/second-thread.ts';
import { createEngine, type Engine, wholeShare } from '../../../nn/fused/engine.ts';
import { address, nowhere, ProgramWriter } from '../../../nn/fused/opcodes.ts';
import { scratchBytes } from '../../../nn/fused/scratch.ts';
import type { Task } from '../../../nn/fused/threads/mailbox.ts';
import { Pair, type SecondThread, type StartThread } from '../../../nn/fused/threads/pair.ts';

const pairs: Pair[] = [];

afterEach(async () => {
  await Promise.all(pairs.splice(0).map((pair) => pair.dismiss()));
});

const [rows, ins, units] = [64, 96, 40];
const [weights, inputs, halves, scratch, programAt] = [4_096, 65_536, 131_072, 262_144, 524_288];

/** Claims a half as soon as one is posted, then sleeps for ever. */
const stuck = `
import { workerData } from 'node:worker_threads';
const words = new Int32Array(workerData.buffer);
while (Atomics.compareExchange(words, 0, 1, 2) !== 1);
Atomics.wait(words, 9, words[9]);
`;

/** Both halves of a batch through one layer and back to its weights. */
function field(): { engine: Engine; pair: Pair; tasks: readonly [Task, Task]; result: () => Buffer } {
  const engine = createEngine({ bytes: 1_000_000, shared: true });
  for (let i = 0; i < ins * units; i++) engine.f32[weights / 4 + i] = Math.sin(i);
  for (let i = 0; i < rows * ins; i++) engine.f32[inputs / 4 + i] = Math.cos(i * 1.7);
  const writer = new ProgramWriter();
  const x = address('inputs', 0);
  const out = address('half', 32_768);
  writer.emit('dense', { x, w: weights, b: nowhere, out, places: 1, ins, units, activation: 2 });
  const dw = address('half', 0);
  writer.emit('denseSlope', { x, g: out, dw, places: 1, ins, units, addSlope: 0 });
  const words = writer.words();
  engine.load(programAt, words);
  const segment = { begin: programAt, end: programAt + words.length * 4 };
  const share = { ...wholeShare, rows: rows / 2, micro: 8, inputs, inputBytes: ins * 4 };
  const task = (half: number): Task => ({
    segment,
    share: {
      ...share,
      first: (half * rows) / 2,
      half: halves + half * 65_536,
      scratch: scratch + half * Math.ceil(scratchBytes(words, 8) / 64) * 64,
    },
  });
  const pair = new Pair(engine);
  pairs.push(pair);
  const result = () => Buffer.from(engine.u8.slice(halves, halves + 131_072));
  return { engine, pair, tasks: [task(0), task(1)], result };
}

/** Runs until the second thread is up and has taken a half. */
async function runTogether(pair: Pair, tasks: readonly [Task, Task]): Promise<void> {
  const before = pair.tally.together;
  while (pair.tally.together === before) {
    pair.run(...tasks);
    await setTimeout(1);
  }
}

describe('a pair of threads', () => {
  test('comes to the same bits as one thread', async () => {
    const alone = field();
    alone.pair.run(...alone.tasks);
    const both = field();
    both.pair.hire(startSecondThread);
    await runTogether(both.pair, both.tasks);
    expect(both.pair.threads).toBe(2);
    expect(both.result().equals(alone.result())).toBe(true);
    expect(both.result().some((byte) => byte !== 0)).toBe(true);
  });

  test('does the work of a second thread that never comes up', () => {
    const alone = field();
    alone.pair.run(...alone.tasks);
    const both = field();
    const never: StartThread = () => ({ stop: async () => {} });
    both.pair.hire(never);
    both.pair.run(...both.tasks);
    expect(both.pair.tally).toEqual({ together: 0, alone: 1 });
    expect(both.result().equals(alone.result())).toBe(true);
  });

  test('does the work of a second thread that died meanwhile', async () => {
    const { engine, pair, tasks, result } = field();
    const hired: SecondThread[] = [];
    pair.hire((lent, onLost) => {
      hired.push(startSecondThread(lent, onLost));
      return hired[0]!;
    });
    await runTogether(pair, tasks);
    const wanted = result();
    await hired[0]!.stop();
    engine.u8.fill(0, halves, halves + 131_072);
    const { alone } = pair.tally;
    pair.run(...tasks);
    expect(pair.tally.alone).toBe(alone + 1);
    expect(result().equals(wanted)).toBe(true);
  });

  test('notices a second thread that ends by itself', async () => {
    const { engine, pair, tasks } = field();
    pair.hire(startSecondThread);
    await runTogether(pair, tasks);
    // The mailbox's word for "it is over", written by nobody who would stop it.
    Atomics.store(engine.i32, 0, 4);
    Atomics.notify(engine.i32, 0);
    while (pair.lost === null) await setTimeout(1);
    expect(pair.threads).toBe(1);
    expect(pair.lost).toMatch(/ended with code 0/);
    pair.run(...tasks);
  });

  test('is refused a program that holds what is no instruction, whoever reads it', async () => {
    const { engine, pair, tasks } = field();
    pair.hire(startSecondThread);
    await runTogether(pair, tasks);
    engine.i32[programAt / 4] = 99;
    expect(() => pair.run(...tasks)).toThrow(/no instruction at byte 524288/);
  });

  test('gives up a second thread that begins its half and never ends it, and sends it away', async () => {
    const { engine, tasks } = field();
    const pair = new Pair(engine, 20);
    let stopped = 0;
    pair.hire(({ memory }) => {
      const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(stuck)}`), {
        workerData: memory,
      });
      return {
        async stop() {
          stopped++;
          await thread.terminate();
        },
      };
    });
    // Until it is quick enough to begin its half, this thread does both.
    const attempt = async () => {
      while (pair.lost === null) {
        pair.run(...tasks);
        await setTimeout(1);
      }
    };

    await expect(attempt()).rejects.toMatchObject({ code: 'NN_THREAD_LOST', retryable: true });
    expect([stopped, pair.threads, pair.lost]).toEqual([1, 1, 'it did not finish its half']);
    pair.run(...tasks);
  });

  test('can be dismissed and hired again', async () => {
    const { pair, tasks } = field();
    for (let i = 0; i < 2; i++) {
      pair.hire(startSecondThread);
      await runTogether(pair, tasks);
      await pair.dismiss();
      expect(pair.threads).toBe(1);
      expect(pair.lost).toBeNull();
    }
  });
});
