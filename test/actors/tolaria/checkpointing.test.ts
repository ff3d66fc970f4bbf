/** Checkpoints beside the training loop: a disk that is slower than training costs the older ones, never the memory. */
import { describe, expect, it } from 'vitest';
import { Checkpointing, type Offer } from '../../../actors/tolaria/checkpointing.ts';
import type { TolariaArgs } from '../../../actors/tolaria/deps.ts';
import type { RunEvent, RunRecord } from '../../../contracts/index.ts';

/** A disk that writes one checkpoint when it is let, and refuses those it is told to. */
function slowDisk() {
  const [tried, written, told]: [number[], number[], string[]] = [[], [], []];
  const waiting: (() => void)[] = [];
  const broken = new Set<number>();
  const saving = new Checkpointing({
    work: { runId: 'run-1', config: { training: { checkpointBoundaries: 2 } } },
    resumed: null,
    log: {
      confirm: async () => {},
      append: (record: RunRecord) => {
        if (record.type === 'tolaria.checkpoint.written') written.push(record.boundary);
      },
    },
    checkpoints: {
      write: async ({ boundary }: { boundary: number }) => {
        tried.push(boundary);
        await new Promise<void>((resolve) => waiting.push(resolve));
        if (broken.has(boundary)) throw new Error('full');
        return { file: `${boundary}.ckpt`, sha256: '0'.repeat(64), bytes: 1 };
      },
    },
    publish: ({ what }: RunEvent) => told.push(what),
  } as unknown as TolariaArgs);
  const settle = () => new Promise<void>((resolve) => void setImmediate(resolve));
  const reach = async (first: number, last: number) => {
    for (let boundary = first; boundary <= last; boundary++)
      saving.offer({ moment: { boundary, epoch: 0, step: boundary }, image: {} } as unknown as Offer);
    await settle();
  };
  const writeOne = async () => {
    waiting.shift()?.();
    await settle();
  };
  return { saving, tried, written, told, broken, reach, writeOne };
}

describe('a disk that cannot keep up', () => {
  it('is given the newest that is due when it is free, and none of those it missed', async () => {
    const { reach, writeOne, tried, written } = slowDisk();
    await reach(0, 100);
    expect(tried).toEqual([1]);
    await writeOne();
    expect(tried).toEqual([1, 99]);
    await reach(101, 103);
    await writeOne();
    await writeOne();

    expect(written).toEqual([1, 99, 103]);
  });

  it('has the newest boundary after two writes when somebody asks for it, however far behind it was', async () => {
    const { saving, reach, writeOne, written } = slowDisk();
    await reach(0, 100);
    let saved = false;
    void saving.flush().then(() => {
      saved = true;
    });
    await writeOne();
    expect(saved).toBe(false);
    await writeOne();

    expect([saved, written]).toEqual([true, [1, 100]]);
  });

  it('tries again at the next boundary after a write failed, and tells once of each', async () => {
    const { saving, reach, writeOne, broken, tried, written, told } = slowDisk();
    broken.add(1);
    for (const boundary of [1, 2, 3, 4]) {
      await reach(boundary, boundary);
      await writeOne();
    }
    await saving.flush();

    expect(tried).toEqual([1, 2, 4]);
    expect(written).toEqual([2, 4]);
    expect(told).toEqual(['checkpoint_failed', 'checkpoint_mended']);
  });
});
