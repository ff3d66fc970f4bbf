/** Commands that place, and how long they wait for whom: as long as whoever commands does, less what the way back takes. */
import { describe, expect, it } from 'vitest';
import { isUntouched } from '../../../actors/admin/untouched.ts';
import { deeds } from '../../../config/cluster/admin/deeds.ts';
import { adminTargets } from '../../../config/cluster/admin/targets.ts';
import { type Assignment, EsperError, PlacementStatus } from '../../../contracts/index.ts';
import { meanwhile } from '../../runtime/remote/nodes.ts';
import { type Answers, adminWorld, failure } from './admin-world.ts';

const COMMAND = 'placement.command.given';
const STATUS = 'placement.status.wanted';
const on = (node: string, state: Assignment['state'] = 'running', why = ''): Assignment => ({
  ...{ unit: 'karn', node, state, why, epoch: 4 },
});
const status = (...units: readonly Assignment[]) =>
  PlacementStatus.of({ steward: 'b', epoch: 3, generation: 1, units: [...units], nodes: [] });
const silence = new EsperError('ACTOR_TIMEOUT', 'nobody answered');

describe('whoever waits longer for an answer', () => {
  it('has nodes wait longer for each other', async () => {
    const { world, asked, caller } = adminWorld({ [COMMAND]: { accepted: true } });
    const { 'node-cordon': cordon, 'actors-move': move } = deeds(world);
    await cordon?.({ node: 'b' }, caller(10_000));
    await cordon?.({ node: 'b' }, caller(300_000));
    await move?.({ unit: 'karn', within: 0 }, caller(60_000));
    await move?.({ unit: 'karn', within: 0 }, caller(500));

    expect(asked.map(({ withinMs }) => withinMs)).toEqual([9_000, 299_000, 59_000, 1_000]);
  });

  it('leaves what is to be done the time it was given, and hears of it before they give up', async () => {
    const { world, clock, asked, caller } = adminWorld({
      [COMMAND]: { accepted: true, from: 'a', to: 'b' },
      [STATUS]: status(on('b', 'moving')),
    });
    const moving = deeds(world)['actors-move']?.({ unit: 'karn', to: 'b', within: 100 }, caller(60_000));
    const late = await failure(meanwhile(clock, moving as Promise<unknown>, 120_000));

    expect(asked[0]?.withinMs).toBe(1_000);
    expect(late).toMatchObject({ code: 'UNIT_MOVE_LATE' });
    expect(late.message).toContain('after 59 s');
    expect(clock.nowMs()).toBeLessThan(60_000);
  });

  it('hears of a steward that takes its time', async () => {
    let clock: ReturnType<typeof adminWorld>['clock'];
    const slow = async () => {
      await new Promise<void>((resolve) => void clock.after(7_000, resolve));
      return status(on('b'));
    };
    const made = adminWorld({
      [COMMAND]: { accepted: true, from: 'a', to: 'b' },
      [STATUS]: async ({ withinMs }: { withinMs: number }) => (withinMs >= 7_000 ? slow() : silence),
    });
    clock = made.clock;
    const move = { unit: 'karn', to: 'b', within: 60 };
    const answer = deeds(made.world)['actors-move']?.(move, made.caller(70_000));

    expect((await meanwhile(clock, answer as Promise<{ done: string }>)).done).toBe(
      'karn has moved from a to b',
    );
  });
});

describe('a command that fails', () => {
  const answering = (answer: unknown): Answers => ({ [COMMAND]: answer, [STATUS]: silence });
  const unknown = { refused: 'PLACEMENT_UNKNOWN_NODE', details: { node: 'z', known: ['a'] } };

  it.each<[string, unknown, string, boolean]>([
    ['a refusal', unknown, 'PLACEMENT_UNKNOWN_NODE', true],
    ['a full mailbox', { refused: 'MAILBOX_FULL', details: {} }, 'ADMIN_TARGET_REFUSED', true],
    [
      'a store that does not say',
      { refused: 'PLACEMENT_NOT_STORED', details: {} },
      'ADMIN_TARGET_SILENT',
      false,
    ],
    ['silence', silence, 'ADMIN_TARGET_SILENT', false],
  ])('has changed nothing for certain: %s', async (_, answer, code, certain) => {
    const { world, caller } = adminWorld(answering(answer));
    const thrown = await failure(deeds(world)['node-cordon']?.({ node: 'z' }, caller(10_000)));

    expect(thrown.code).toBe(code);
    expect(isUntouched(thrown)).toBe(certain);
  });

  it('in an epoch that nobody knows says that no steward answers', async () => {
    const { world, asked, caller } = adminWorld({ [STATUS]: silence });
    const { epochOf } = adminTargets(world, {} as never);
    const { deadline } = caller(40_000);
    const thrown = await failure(epochOf('node-drain', { node: 'b', within: 20 }, deadline));

    expect(thrown).toMatchObject({ code: 'ADMIN_NO_STEWARD', retryable: true });
    expect(isUntouched(thrown)).toBe(true);
    expect(asked[0]?.withinMs).toBe(19_000);
    expect(await epochOf('run-pause', {}, deadline)).toBeNull();
  });
});

describe('a node that leaves', () => {
  /** It is empty after so many milliseconds. */
  const leaving = (emptyAfterMs: number, now: unknown) => {
    const made = adminWorld({ [COMMAND]: { accepted: true }, [STATUS]: now }, () =>
      made.clock.nowMs() < emptyAfterMs ? ['karn'] : [],
    );
    return made;
  };
  const leave = async (made: ReturnType<typeof leaving>, within?: number) =>
    meanwhile(
      made.clock,
      deeds(made.world)['node-leave']?.(
        within === undefined ? {} : { within },
        made.caller(40_000),
      ) as Promise<{
        done: string;
      }>,
    );

  it('says so when everything on it is elsewhere, and where', async () => {
    const made = leaving(3_000, status(on('b')));

    expect(await leave(made)).toEqual({
      done: 'a is empty and leaves: karn is on b',
      details: { node: 'a', units: { karn: 'b' } },
    });
    expect(made.clock.nowMs()).toBeGreaterThanOrEqual(3_000);
  });

  it('says so too when nobody can be asked any more where everything is', async () => {
    expect((await leave(leaving(3_000, silence))).done).toBe('a is empty and leaves');
  });

  it('names what is still there at the deadline, and why', async () => {
    const made = leaving(60_000, status(on('a', 'running', 'RUN_NOT_OPEN')));
    const late = await failure(leave(made, 5));

    expect(late).toMatchObject({
      code: 'NODE_LEAVE_LATE',
      message: 'a has not left after 5 s: karn is running on a (RUN_NOT_OPEN)',
      details: { node: 'a', left: { karn: 'RUN_NOT_OPEN' } },
      retryable: true,
    });
    expect(isUntouched(late)).toBe(false);
  });

  it('is answered at once by those who do not wait', async () => {
    const made = leaving(60_000, silence);

    expect((await leave(made, 0)).done).toBe('a leaves as soon as it is empty');
    expect(made.clock.nowMs()).toBeLessThan(1_000);
  });
});
