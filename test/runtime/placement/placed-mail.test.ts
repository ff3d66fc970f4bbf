/** Mail for a unit that moves: each sender's arrives in order, once, and soon, whatever the network does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanwhile } from '../remote/nodes.ts';
import { type MailNode, mailNodes } from './mail.ts';

const NAMES = ['n1', 'n2', 'n3'];
/** After the last move: what was under way is settled, sent again and there. */
const SOON_MS = 2_000;
const inOrder = (count: number) => Array.from({ length: count }, (_, i) => i);

const move = fc.record({
  /** 1 and 2 go round in a circle, one way or the other; 0 comes back to where it was. */
  by: fc.integer({ min: 0, max: 2 }),
  nowhereMs: fc.integer({ min: 5, max: 200 }),
  heardMs: fc.array(fc.integer({ min: 1, max: 250 }), { minLength: 1, maxLength: 3 }),
  staysMs: fc.integer({ min: 0, max: 300 }),
});
const faults = fc.record({
  delayMs: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 3, max: 30 })),
  dropRate: fc.constantFrom(0, 0.02, 0.1),
  duplicateRate: fc.constantFrom(0, 0.1),
  reorderRate: fc.constantFrom(0, 0.3),
});
const journey = { seed: fc.nat(), moves: fc.array(move, { minLength: 1, maxLength: 12 }), faults };

type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;
type World = Awaited<ReturnType<typeof mailNodes>>;

/** Every node tells and asks in turn, every few milliseconds, until stopped. */
function writing({ clock }: World, nodes: readonly MailNode[]) {
  const sent = new Map<string, number>();
  const answers: { readonly n: number; readonly reply: unknown }[] = [];
  let on = true;
  for (const { name, unit } of nodes) {
    const write = () => {
      if (!on) return;
      const n = sent.get(name) ?? 0;
      sent.set(name, n + 1);
      const note = { type: 'note', by: name, n } as const;
      if (n % 3 > 0) unit.send(note);
      else
        unit.ask(note, { withinMs: 20_000 }).then(
          (reply) => answers.push({ n, reply }),
          (reply) => answers.push({ n, reply }),
        );
      clock.after(7, write);
    };
    write();
  }
  return {
    sent: (name: string) => sent.get(name) ?? 0,
    answers,
    stop: () => {
      on = false;
    },
  };
}

async function travel(world: World, moves: readonly Move[]): Promise<void> {
  let at = 0;
  for (const { by, nowhereMs, heardMs, staysMs } of moves) {
    at = (at + by) % world.nodes.length;
    await world.move(world.nodes[at] as MailNode, nowhereMs, heardMs);
    await world.clock.advance(staysMs);
  }
}

describe('while it moves about and the network misbehaves', () => {
  it(
    'nothing is lost, doubled or overtaken, every question is answered, and nothing is held up',
    () =>
      fc.assert(
        fc.asyncProperty(fc.record(journey), async (given) => {
          const world = await mailNodes(given.seed, NAMES);
          const { clock, nodes, arrived } = world;
          await clock.advance(500);
          world.broker.setFaults(given.faults);
          const writers = writing(world, nodes);
          await travel(world, given.moves);
          await clock.advance(300);
          world.broker.setFaults({ dropRate: 0, duplicateRate: 0, reorderRate: 0 });
          await clock.advance(SOON_MS);
          // Still writing: what was held up would now be behind.
          const [first, second, third] = nodes.map(({ name }) => writers.sent(name) - world.of(name).length);
          expect(Math.max(first ?? 0, second ?? 0, third ?? 0)).toBeLessThan(40);
          writers.stop();
          await clock.advance(SOON_MS);
          for (const { name } of nodes) expect(world.of(name)).toEqual(inOrder(writers.sent(name)));
          expect(writers.answers.filter(({ n, reply }) => n !== reply)).toEqual([]);
          expect(writers.answers).toHaveLength(arrived.filter(({ n }) => n % 3 === 0).length);
          expect(world.settled()).toBe(true);
          for (const { system } of nodes) expect(system.deadLetters.count()).toBe(0);
        }),
        { numRuns: 12 },
      ),
    120_000,
  );

  it(
    'when its node is killed, what was under way there is lost and said so; the rest arrives in order',
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.record({ ...journey, killMs: fc.integer({ min: 0, max: 100 }) }),
          async (given) => {
            const world = await mailNodes(given.seed, NAMES);
            const { clock, nodes } = world;
            const [first, second, doomed] = nodes as [MailNode, MailNode, MailNode];
            await clock.advance(500);
            world.broker.setFaults(given.faults);
            const writers = writing(world, [first, second]);
            await travel(world, given.moves);
            await world.move(doomed, 20, [10]);
            await clock.advance(given.killMs);
            doomed.crash();
            await clock.advance(3_000);
            world.broker.setFaults({ dropRate: 0, duplicateRate: 0, reorderRate: 0 });
            await world.move(first, 10, [30]);
            await clock.advance(SOON_MS);
            writers.stop();
            await clock.advance(SOON_MS);
            for (const { name, system } of [first, second]) {
              const came = world.of(name);
              expect(came).toEqual([...new Set(came)].sort((a, b) => a - b));
              expect(came.at(-1)).toBe(writers.sent(name) - 1);
              const missing = inOrder(writers.sent(name)).filter((n) => !came.includes(n));
              const lost = system.deadLetters.recent({ reason: 'node_down' });
              expect(lost.filter(({ to }) => to !== 'esper/placed/post')).toEqual([]);
              const said = lost.map(({ message }) => 'n' in message && message.n);
              for (const n of missing.filter((n) => n % 3 > 0)) expect(said).toContain(n);
            }
            const failed = writers.answers.filter(({ n, reply }) => n !== reply);
            for (const { reply } of failed) expect(reply).toMatchObject({ code: 'NODE_DOWN' });
            expect(world.of(first.name).length + world.of(second.name).length).toBeGreaterThan(300);
          },
        ),
        { numRuns: 12 },
      ),
    120_000,
  );
});

describe('what a sender sees', () => {
  const placed = async (held = 4_096, urgency = false) => {
    const world = await mailNodes(1, ['n1', 'n2'], held, urgency);
    await world.clock.advance(500);
    const [here, there] = world.nodes as [MailNode, MailNode];
    return { ...world, here, there };
  };
  const note = (n: number) => ({ type: 'note', by: 'n1', n }) as const;

  it('what overfills the mail is a dead letter, a question is refused; what waits arrives when the unit does', async () => {
    const { clock, here, there, move, of } = await placed(10);
    for (const n of inOrder(12)) here.unit.send(note(n));
    const asked = here.unit.ask(note(99), { withinMs: 1_000 });
    await expect(asked).rejects.toMatchObject({ details: { refused: 'UNIT_MAIL_FULL' } });
    await move(there, 0, [10]);
    await clock.advance(200);

    expect(of('n1')).toEqual(inOrder(10));
    expect(here.system.deadLetters.count('outbox_full')).toBe(3);
  });

  it('a question that nobody awaits any more makes room, and never arrives', async () => {
    const { clock, here, there, move, of } = await placed(2);
    const asked = here.unit.ask(note(0), { withinMs: 50 });
    const late = expect(asked).rejects.toMatchObject({ code: 'ACTOR_TIMEOUT' });
    here.unit.send(note(1));
    await clock.advance(100);
    await late;
    here.unit.send(note(2));
    await move(there, 0, [10]);
    await clock.advance(200);

    expect(of('n1')).toEqual([1, 2]);
  });

  it('a slow answer holds up nothing that is sent after the question', async () => {
    const { clock, here, there, move, settled } = await placed();
    await move(there, 0, [10]);
    await clock.advance(100);
    const asked = here.unit.ask({ type: 'wonder' }, { withinMs: 5_000 });
    await clock.advance(100);

    expect(settled()).toBe(true);
    await clock.advance(1_500);
    expect(await asked).toBe('at last');
  });

  it('what finds no room in the mailbox waits on the way, and goes elsewhere in order when the unit does', async () => {
    const { clock, here, there, move, of, settled } = await placed();
    await move(there, 0, [10]);
    await clock.advance(100);
    void here.unit.ask({ type: 'wonder' }, { withinMs: 5_000 });
    for (const n of inOrder(500)) here.unit.send(note(n));
    await clock.advance(500);
    expect(of('n1')).toEqual([]);
    await move(here, 600, [10]);
    await clock.advance(500);

    expect(of('n1')).toEqual(inOrder(500));
    expect(settled()).toBe(true);
    for (const { system } of [here, there]) expect(system.deadLetters.count()).toBe(0);
  });

  it('a node that leaves waits until what it has sent was taken', async () => {
    const { clock, here, there, move, of } = await placed();
    await move(there, 0, [10]);
    await clock.advance(100);
    for (const n of inOrder(1_000)) here.unit.send(note(n));
    await meanwhile(clock, here.system.stop());

    expect(of('n1')).toEqual(inOrder(1_000));
    expect(here.system.deadLetters.count()).toBe(0);
  });

  it('what the unit itself refuses is its answer, even in the words of a node that it has left', async () => {
    const { clock, here, there, move } = await placed();
    await move(there, 0, [10]);
    const asked = here.unit.ask({ type: 'decline' }, { withinMs: 5_000 });
    const refused = expect(asked).rejects.toMatchObject({
      details: { refused: 'UNIT_NOT_HERE', details: { says: 'the unit itself' } },
    });
    await clock.advance(500);
    await refused;
  });

  it('what claims to be carried mail is checked, and an order that is over is not taken up again', async () => {
    const { clock, here, there, move, of } = await placed();
    await move(there, 0, [10]);
    const entrance = here.system.ref('//n2/esper/arrived/post');
    const carried = (round: number, seq: number, n: unknown = seq) => ({
      type: 'placement.mail.carried',
      v: 1,
      from: 'n9',
      life: 1,
      round,
      seq,
      asks: false,
      message: { type: 'note', by: 'n9', n },
    });
    const say = async (message: { readonly type: string }) => {
      const asked = entrance.ask(message, { withinMs: 1_000 }).catch(({ details }) => details.refused);
      await clock.advance(100);
      return asked;
    };
    expect(await say({ ...carried(1, 1), seq: 'one' } as never)).toBe('PLACEMENT_MISREAD');
    expect(await say({ type: 'note' })).toBe('PLACEMENT_MISREAD');
    expect(await say(carried(1, 1))).toBe(true);
    expect(await say(carried(1, 3))).toBe('UNIT_NOT_HERE');
    expect(await say(carried(1, 2))).toBe('UNIT_NOT_HERE');
    expect(await say(carried(2, 1, 7))).toBe(true);
    expect(await say(carried(1, 4))).toBe('UNIT_NOT_HERE');
    entrance.send(carried(2, 2));
    await clock.advance(100);

    expect(of('n9')).toEqual([1, 7]);
    expect(there.system.deadLetters.count('not_understood')).toBe(1);
  });

  it('the trace of a message survives the way, and how urgent it is', async () => {
    const { clock, here, there, move, of } = await placed(4_096, true);
    await move(there, 0, [10]);
    await clock.advance(100);
    const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), sampled: true };
    here.unit.send({ type: 'unheard' } as never, { trace });
    // While the unit is busy with it, the others wait beside each other.
    const asked = here.unit.ask({ type: 'wonder' }, { withinMs: 5_000 });
    for (const priority of [4, 2, 0] as const) here.unit.send(note(priority), { priority });
    await clock.advance(2_000);

    await asked;
    expect(of('n1')).toEqual([0, 2, 4]);
    expect(there.system.deadLetters.recent({ reason: 'not_understood' })).toMatchObject([{ trace }]);
  });
});
