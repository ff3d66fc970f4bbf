/** Random programs of two senders against one actor that waits, falls, puts aside, restarts and goes back in time. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memorySpillStore } from '../../../runtime/adapters/memory/spill.ts';
import {
  type ActorDefinition,
  accept,
  type MailboxOptions,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import { type CounterMessage, counter } from '../support/counter.ts';
import { worldPorts } from '../support/world.ts';

type How = 'plain' | 'later' | 'falls' | 'falls later';
type DoMessage =
  | { readonly type: 'do'; readonly by: string; readonly n: number; readonly how: How }
  | { readonly type: 'open' }
  | { readonly type: 'shut' };

const sending = fc.record({
  what: fc.constantFrom('send' as const, 'ask' as const),
  by: fc.constantFrom('ann', 'bob'),
  how: fc.constantFrom<How>('plain', 'plain', 'later', 'falls', 'falls later'),
});
const other = fc.record({
  what: fc.constantFrom('open', 'shut', 'settle', 'a sibling falls', 'capture'),
});
const program = fc.array(fc.oneof({ weight: 3, arbitrary: sending }, other), { minLength: 1, maxLength: 40 });

const policies: Record<string, MailboxOptions> = {
  refuse: { capacity: 5, whenFull: 'refuse' },
  roomy: { capacity: 100, whenFull: 'refuse' },
  park: { capacity: 3, whenFull: 'park' },
  spill: { capacity: 2, whenFull: 'spill', maxBytes: 10_000 },
  ageing: { capacity: 100, whenFull: 'refuse', priorities: { ageMs: 10 } },
};

/** Notes what it has done; whatever falls does so once. While shut it puts everything aside. */
function doer(done: string[], mailbox: MailboxOptions): ActorDefinition<number, DoMessage> {
  const fallen = new Set<string>();
  let shut = false;
  const fallsNow = (how: How, name: string) => how.startsWith('falls') && fallen.size < fallen.add(name).size;
  return {
    name: 'a',
    mailbox,
    fresh: () => 0,
    decide: {
      do: (_state, { by, n, how }, cx) => {
        const name = `${by} ${n}`;
        const now = () => {
          if (fallsNow(how, name)) throw new Error(name);
          done.push(name);
          // A checkpoint that is never followed by another is not trusted for ever.
          if (mailbox.whenFull !== 'spill') cx.checkpoints().capture();
          return accept(name);
        };
        if (shut) return cx.stash();
        if (!how.endsWith('later')) return now();
        return Promise.resolve().then(() => {
          if (cx.signal.aborted) return accept();
          return now();
        });
      },
      open: (_state, _message, cx) => {
        shut = false;
        cx.unstashAll();
        return accept();
      },
      shut: () => {
        shut = true;
        return accept();
      },
    },
    ...(mailbox.whenFull !== 'spill' && {
      rollback: { capture: (state) => state, restore: (_, saved) => saved as number, release: () => {} },
    }),
  };
}

async function played(
  steps: readonly (typeof program extends fc.Arbitrary<(infer T)[]> ? T : never)[],
  policy: string,
) {
  const made = worldPorts();
  const done: string[] = [];
  const rollback = policy !== 'spill';
  const flags = { strategy: 'one_for_all', intensity: 1_000, periodMs: 60_000 } as const;
  const plan = supervisor(
    'top',
    { ...flags, onFailure: rollback ? 'rollback' : 'restart', checkpoints: 50 },
    [worker(doer(done, policies[policy] as MailboxOptions)), worker(counter('sibling'))],
  );
  const system = await startSystem(plan, { ...made.ports, spills: memorySpillStore() });
  const ref = system.ref<DoMessage>('top/a');
  const group = system.supervisor('top').checkpoints();
  const told = {
    taken: new Set<string>(),
    refused: 0,
    asked: 0,
    answered: [] as string[],
    failed: [] as string[],
  };
  const numbers: Record<string, number> = { ann: 0, bob: 0 };
  let offered = 0;
  for (const step of steps) {
    if ('by' in step) {
      const n = numbers[step.by] ?? 0;
      numbers[step.by] = n + 1;
      const name = `${step.by} ${n}`;
      const message = { type: 'do', by: step.by, n, how: step.how } as const;
      offered++;
      if (step.what === 'send') {
        if (ref.send(message)) told.taken.add(name);
        else told.refused++;
        continue;
      }
      told.asked++;
      told.taken.add(name);
      void ref.ask<string>(message, { withinMs: 100_000 }).then(
        () => told.answered.push(name),
        (error) => {
          told.failed.push(name);
          if (error.details?.refused === 'MAILBOX_FULL') {
            told.refused++;
            told.taken.delete(name);
          }
        },
      );
    } else if (step.what === 'open' || step.what === 'shut') {
      offered++;
      if (!ref.send({ type: step.what })) told.refused++;
    } else if (step.what === 'settle') await made.clock.settle();
    else {
      if (!('refused' in group)) group.capture();
      if (step.what === 'a sibling falls')
        expect(() => system.ref<CounterMessage>('top/sibling').callNow({ type: 'crash' })).toThrow();
    }
  }
  await made.clock.settle();
  offered++;
  expect(ref.send({ type: 'open' })).toBe(true); // there is room again
  await made.clock.settle();
  return { ...made, system, done, told, offered };
}

it.each(Object.keys(policies))(
  'with policy %s each sender keeps its order, each question ends once, and everything is accounted for',
  async (policy) => {
    await fc.assert(
      fc.asyncProperty(program, async (steps) => {
        const { system, done, told, offered, clock } = await played(steps, policy);
        for (const by of ['ann', 'bob']) {
          const mine = done.filter((name) => name.startsWith(by)).map((name) => Number(name.split(' ')[1]));
          expect(mine).toEqual([...new Set(mine)].toSorted((a, b) => a - b));
        }
        expect(told.answered.length + told.failed.length).toBe(told.asked);
        expect(done).toEqual(expect.arrayContaining(told.answered));
        // What was taken in and not done was under way when its life ended.
        const cut = [...told.taken].filter((name) => !done.includes(name));
        expect(done.length + cut.length).toBe(told.taken.size);
        expect(told.failed.filter((name) => told.taken.has(name)).every((name) => cut.includes(name))).toBe(
          true,
        );
        const mail = system.tree().children[0]?.vitals?.mail;
        expect(mail).toMatchObject({ sent: offered, refused: told.refused, coalesced: 0, shed: 0 });
        expect(mail?.taken).toBe(offered - told.refused);
        expect(system.tree().children[0]?.mailbox).toBe(0);
        await system.stop();
        await clock.advance(20);
        expect(clock.armed).toBe(0);
      }),
      { numRuns: 150 },
    );
  },
);
