/** What commands are answered from: a tree made small, runs as they were heard of, refusals that people can read. */
import { describe, expect, it } from 'vitest';
import { answered } from '../../../config/cluster/admin/ask.ts';
import { RunBoard } from '../../../config/cluster/admin/run-board.ts';
import { branchOf, restartsOf } from '../../../config/cluster/admin/tree-branch.ts';
import { EsperError } from '../../../contracts/index.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import type { BusMessage } from '../../../runtime/index.ts';
import { progress } from '../../cli/samples.ts';

type TreeNode = Parameters<typeof branchOf>[0];
const place = (id: string, children: TreeNode[] = [], more: Partial<TreeNode> = {}): TreeNode => ({
  ...{ id, path: id, kind: 'worker', lifecycle: 'ready', incarnation: 1, restart: 'permanent' },
  ...{ mailbox: 0, handled: 0, crashes: 0, children },
  ...more,
});

describe('a tree on its way to those who command', () => {
  it('tells restarts and what waits, and of a crowd how many more there are', () => {
    const crowd = Array.from({ length: 70 }, (_, at) => place(`c${at}`));
    const steward = place('steward', [place('owner', [place('karn', [], { incarnation: 3, mailbox: 2 })])]);
    const root = branchOf(place('esper', [steward, place('pool', crowd)]));

    expect(restartsOf(root, ['steward', 'owner', 'karn'])).toBe(2);
    expect(restartsOf(root, ['steward', 'owner', 'urza'])).toBe(0);
    expect(root.children[0]?.children[0]?.children[0]?.note).toBe('2 waiting');
    expect(root.children[1]).toMatchObject({ note: '6 more below' });
    expect(root.children[1]?.children).toHaveLength(64);
  });
});

describe('a refusal', () => {
  it('names its code and facts, and where to read on', async () => {
    const refusal = { refused: 'PLACEMENT_UNKNOWN_NODE', details: { node: 'n9' } };
    const asked = Promise.reject(new EsperError('ACTOR_REFUSED', 'no', { path: 'x', ...refusal }));

    await expect(answered('the steward', asked)).rejects.toMatchObject({
      code: 'ADMIN_TARGET_REFUSED',
      message: 'the steward refuses: PLACEMENT_UNKNOWN_NODE, node n9',
      hint: 'esper explain PLACEMENT_UNKNOWN_NODE',
    });
  });

  it('brings along what to do next, and whether to try again', async () => {
    const details = { message: 'no run is open here', hint: 'wait for it', retryable: true };
    const refusal = { path: 'x', refused: 'RUN_NO_TRAINING', details };
    const asked = Promise.reject(new EsperError('ACTOR_REFUSED', 'no', refusal));

    await expect(answered('n1', asked)).rejects.toMatchObject({
      message: 'n1 refuses: no run is open here (RUN_NO_TRAINING)',
      hint: 'wait for it',
      retryable: true,
    });
  });

  it('is not what silence is: it may have happened', async () => {
    const asked = Promise.reject(new EsperError('ACTOR_TIMEOUT', 'late', {}));

    await expect(answered('n1', asked)).rejects.toMatchObject({
      code: 'ADMIN_TARGET_SILENT',
      retryable: true,
    });
  });
});

describe('runs as they were heard of', () => {
  it('are told newest first with how long ago, and only so many', async () => {
    const clock = memoryClock();
    let hear: (message: BusMessage) => void | Promise<void> = () => {};
    const bus = {
      subscribe(_pattern: string, handle: typeof hear) {
        hear = handle;
        return () => {};
      },
    };
    const board = new RunBoard(bus, clock);
    const say = (runId: string) =>
      hear({ topic: 'telemetry.training.progress', body: progress(1, { runId }), priority: 2, id: runId });
    for (let at = 0; at < 20; at++) await say(`spirals-${at}`);
    await clock.advance(3_000);
    await say('spirals-7');

    expect(board.runs()).toHaveLength(16);
    expect(board.runs().map(({ progress: { runId } }) => runId)[0]).toBe('spirals-7');
    expect(
      board
        .runs()
        .map(({ agoMs }) => agoMs)
        .slice(0, 2),
    ).toEqual([0, 3_000]);
  });
});
