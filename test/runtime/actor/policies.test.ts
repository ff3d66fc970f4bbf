/** What a full mailbox does with a message, as its sender and its actor see it. */
import { describe, expect, it } from 'vitest';
import { memorySpillStore } from '../../../runtime/adapters/memory/spill.ts';
import {
  type ActorDefinition,
  accept,
  type MailboxOptions,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import { startWorld, worldPorts } from '../support/world.ts';

type NoteMessage = { readonly type: 'note'; readonly key: string; readonly n: number };

function noting(mailbox: MailboxOptions<NoteMessage>, seen: number[]): ActorDefinition<null, NoteMessage> {
  return {
    name: 'a',
    mailbox,
    fresh: () => null,
    decide: {
      note: (_state, { n }) => {
        seen.push(n);
        return accept(n);
      },
    },
  };
}

const note = (n: number, key = 'k'): NoteMessage => ({ type: 'note', key, n });
const soon = { withinMs: 1_000 };

describe('policy coalesce', () => {
  it('handles the newest of each key; an asker whose question was replaced is told so', async () => {
    const seen: number[] = [];
    const mailbox = { capacity: 2, whenFull: 'coalesce', key: (m: NoteMessage) => m.key } as const;
    const { system, clock } = await startWorld([worker(noting(mailbox, seen))]);
    const ref = system.ref<NoteMessage>('top/a');
    const replaced = ref.ask(note(1, 'x'), soon);
    ref.send(note(2, 'y'));

    expect(ref.send(note(3, 'x'))).toBe(true);
    expect(ref.send(note(4, 'z'))).toBe(false);
    await expect(replaced).rejects.toMatchObject({ details: { refused: 'MAILBOX_COALESCED' } });
    await clock.settle();
    expect(seen).toEqual([3, 2]);
    expect(system.tree().children[0]?.vitals?.mail).toEqual({
      sent: 4,
      refused: 1,
      coalesced: 1,
      shed: 0,
      taken: 2,
    });
    expect(system.deadLetters.counts()).toEqual({ mailbox_full: 1 });
  });
});

describe('priorities', () => {
  const mailbox = { capacity: 3, whenFull: 'refuse', priorities: { ageMs: 60_000 } } as const;

  it('let the urgent overtake, and the least urgent give way as a dead letter', async () => {
    const seen: number[] = [];
    const { system, clock } = await startWorld([worker(noting(mailbox, seen))]);
    const ref = system.ref<NoteMessage>('top/a');
    const background = ref.ask(note(4), { ...soon, priority: 4 });
    ref.send(note(2));
    ref.send(note(3), { priority: 3 });

    expect(ref.send(note(0), { priority: 0 })).toBe(true);
    expect(ref.send(note(5), { priority: 4 })).toBe(false);
    await expect(background).rejects.toMatchObject({ details: { refused: 'MAILBOX_SHED' } });
    await clock.settle();
    expect(seen).toEqual([0, 2, 3]);
    expect(system.deadLetters.recent({ reason: 'shed' })).toMatchObject([{ message: { n: 4 } }]);
  });

  it('shed no emergency for another one', async () => {
    const { system } = await startWorld([worker(noting(mailbox, []))]);
    const ref = system.ref<NoteMessage>('top/a');
    const sent = [1, 2, 3, 4].map((n) => ref.send(note(n), { priority: 0 }));

    expect(sent).toEqual([true, true, true, false]);
    expect(system.deadLetters.counts()).toEqual({ mailbox_full: 1 });
  });
});

describe('policy spill', () => {
  it('takes in far more than there is room for and handles all of it in order, asks included', async () => {
    const seen: number[] = [];
    const { ports, clock } = worldPorts();
    const mailbox = { capacity: 4, whenFull: 'spill', maxBytes: 100_000 } as const;
    const spills = memorySpillStore();
    const tree = supervisor('top', { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 }, [
      worker(noting(mailbox, seen)),
    ]);
    const system = await startSystem(tree, { ...ports, spills });
    const ref = system.ref<NoteMessage>('top/a');
    for (let n = 0; n < 200; n++) expect(ref.send(note(n))).toBe(true);
    const asked = ref.ask(note(200), soon);

    expect(spills.bytes).toBeGreaterThan(0);
    expect(await asked).toBe(200);
    await clock.settle();
    expect(seen).toEqual(Array.from({ length: 201 }, (_, n) => n));
    expect(spills.bytes).toBe(0);
  });

  it('needs somewhere to spill to', async () => {
    const spec = worker(noting({ capacity: 4, whenFull: 'spill', maxBytes: 1 }, []));

    await expect(startWorld([spec])).rejects.toMatchObject({
      cause: { code: 'MAILBOX_NO_SPILL_STORE' },
    });
  });

  it('is no policy for an actor that can go back in time', async () => {
    const rollback = { capture: () => null, restore: () => null, release: () => {} };
    const spec = worker({ ...noting({ capacity: 4, whenFull: 'spill', maxBytes: 1 }, []), rollback });

    await expect(startWorld([spec])).rejects.toMatchObject({ code: 'SPEC_INVALID_MAILBOX' });
  });
});

describe('a mailbox that cannot be', () => {
  it.each([
    { capacity: 0, whenFull: 'refuse' },
    { capacity: 1, whenFull: 'whatever' },
    { capacity: 1, whenFull: 'coalesce' },
    { capacity: 1, whenFull: 'spill', maxBytes: 0 },
    { capacity: 1, whenFull: 'refuse', priorities: { ageMs: 0 } },
    { capacity: 1, whenFull: 'refuse', priorities: { ageMs: 1, quotas: [1, 1, 1, 1, 1, 1] } },
  ])('is refused before anything starts: %j', async (mailbox) => {
    const spec = worker(noting(mailbox as MailboxOptions<NoteMessage>, []));

    await expect(startWorld([spec])).rejects.toMatchObject({ code: 'SPEC_INVALID_MAILBOX' });
  });
});
