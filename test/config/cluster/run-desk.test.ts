/** The desk of a node that trains: it waits for its run less than whoever asked waits for it, and says which failures changed nothing. */
import { describe, expect, it } from 'vitest';
import { isUntouched } from '../../../actors/admin/untouched.ts';
import type { RunBoard } from '../../../config/cluster/admin/run-board.ts';
import { runDeeds } from '../../../config/cluster/admin/run-deeds.ts';
import { runDesk } from '../../../config/cluster/admin/run-desk.ts';
import { runsOf } from '../../../config/cluster/admin/run-status.ts';
import type { RunUnit } from '../../../config/cluster/run-unit.ts';
import { CommandOutcome } from '../../../config/training/order.ts';
import { EsperError, PlacementStatus } from '../../../contracts/index.ts';
import { worker } from '../../../runtime/index.ts';
import { testSystem } from '../../../runtime/testkit/index.ts';
import { progress } from '../../cli/samples.ts';
import { meanwhile } from '../../runtime/remote/nodes.ts';
import { type Asked, adminWorld, failure } from './admin-world.ts';

const steward = PlacementStatus.of({
  ...{ steward: 'b', epoch: 3, generation: 1, nodes: [] },
  units: [{ unit: 'triad', node: 'a', state: 'running', why: '', epoch: 4 }],
});
const acted = CommandOutcome.of({ number: 3, boundary: 7, step: 90, refused: null, text: 'back' });

/** Handlers whose questions reach a real desk, in front of a run that is none. */
async function trained(run: Partial<RunUnit>) {
  const present = { runId: 'spirals-1', paused: false };
  const args = { run: { present, ...run } as RunUnit };
  const desks = ['run-desk', 'run-window'].map((id) => worker(runDesk, { id, args }));
  const { system, clock } = await testSystem(desks);
  const carried = ({ path, message, withinMs }: Asked) => {
    const at = path.slice(path.indexOf('esper/')).replace('esper', 'test');
    return meanwhile(clock, system.ref(at).ask(message, { withinMs }), 700_000);
  };
  const types = ['wanted', 'ordered', 'command_given', 'outcome_wanted', 'settings_wanted'];
  const { world, caller } = adminWorld({
    'placement.status.wanted': steward,
    ...Object.fromEntries(types.map((type) => [`node.run.${type}`, carried])),
  });
  return { world, deeds: runDeeds({ ...world, ports: { ...world.ports, clock } }), caller, clock };
}

describe('a run that is told something', () => {
  it('may take nearly as long as whoever tells it waits', async () => {
    const waits: number[] = [];
    const { deeds, caller } = await trained({
      async order(_deed, withinMs) {
        waits.push(withinMs);
        return 7;
      },
    });
    await deeds['run-checkpoint']?.({}, caller(10_000));
    await deeds['run-checkpoint']?.({}, caller(300_000));

    for (const [at, most] of [9_000, 299_000].entries()) {
      expect(waits[at]).toBeLessThan(most);
      expect(waits[at]).toBeGreaterThan(most - 2_000);
    }
  });

  it('that does not answer in time may have done it all the same', async () => {
    const order = () => Promise.reject(new EsperError('HOST_TIMED_OUT', 'training is busy'));
    const { deeds, caller } = await trained({ order });
    const thrown = await failure(deeds['run-checkpoint']?.({}, caller(10_000)));

    expect(thrown).toMatchObject({ code: 'ADMIN_TARGET_SILENT', retryable: true });
    expect(isUntouched(thrown)).toBe(false);
  });

  it('that cannot write has changed nothing', async () => {
    const order = () => Promise.reject(new EsperError('TOLARIA_CHECKPOINT_FAILED', 'the disk is full'));
    const { deeds, caller } = await trained({ order });

    expect(isUntouched(await failure(deeds['run-checkpoint']?.({}, caller(10_000))))).toBe(true);
  });
});

describe('those who ask how a run goes', () => {
  it('do not wait behind an order that takes its time', async () => {
    let save: (boundary: number) => void = () => {};
    const order = () =>
      new Promise((resolve) => {
        save = resolve;
      });
    const present = { runId: 'spirals-1', paused: true };
    const { world, deeds, caller } = await trained({ order, present });
    const saving = deeds['run-checkpoint']?.({}, caller(300_000)) as Promise<{ done: string }>;
    const board = { runs: () => [{ progress: progress(1, present), agoMs: 0 }] } as unknown as RunBoard;
    const runs = await runsOf(world, board, steward, caller(10_000).deadline);
    save(7);

    expect(runs).toMatchObject([{ runId: 'spirals-1', node: 'a', paused: true }]);
    expect((await saving).done).toContain('boundary 7 is on disk');
  });
});

describe('a command that waits for its boundary', () => {
  const command = async () => ({ number: 3, life: 2 });

  it('is asked after by its life, its number and its request until it has acted', async () => {
    const asked: unknown[] = [];
    const { deeds, caller, clock } = await trained({
      command,
      async outcome({ life, number, request }) {
        asked.push({ life, number, request });
        return asked.length < 3 ? null : acted;
      },
    });
    const answer = deeds['run-rollback']?.({}, caller(40_000)) as Promise<{ done: string }>;

    expect((await meanwhile(clock, answer)).done).toBe('spirals-1, boundary 7: back');
    expect(asked).toEqual(Array(3).fill({ life: 2, number: 3, request: 'req-1' }));
    expect(clock.nowMs()).toBeLessThan(2_000);
  });

  it('fails at once, and may be given again, when the thread it waits in has ended', async () => {
    const lost = () =>
      Promise.reject(
        new EsperError('RUN_COMMAND_LOST', 'it is forgotten', {}, { retryable: true, hint: 'give it again' }),
      );
    const { deeds, caller, clock } = await trained({ command, outcome: lost });
    const thrown = await failure(deeds['run-rollback']?.({ within: 300 }, caller(310_000)));

    expect(thrown).toMatchObject({ code: 'RUN_COMMAND_LOST', retryable: true, hint: 'give it again' });
    expect(isUntouched(thrown)).toBe(true);
    expect(clock.nowMs()).toBeLessThan(1_000);
  });

  it('frees its key when its guard refused it', async () => {
    const refused = { code: 'TOLARIA_NOBODY_TO_BLAME', message: 'no seed s9', hint: 'esper admin seeds ls' };
    const { deeds, caller } = await trained({ command, outcome: async () => ({ ...acted, refused }) });
    const thrown = await failure(deeds['run-rollback']?.({ blame: ['s9'] }, caller(40_000)));

    expect(thrown.code).toBe('TOLARIA_NOBODY_TO_BLAME');
    expect(isUntouched(thrown)).toBe(true);
  });
});
