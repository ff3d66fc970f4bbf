import fc from 'fast-check';
import { expect, it } from 'vitest';
import { durableName } from '../../../actors/oona/subjects.ts';
import { randomStream } from '../../../contracts/index.ts';
import { memoryBroker } from '../../../runtime/adapters/memory/broker.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import type { Backlog, Consuming, Delivery, Streams } from '../../../runtime/index.ts';
import { meanwhile } from '../../runtime/remote/nodes.ts';
import { watched } from './losses.contract.ts';

const ROOM = 4;
const TOPICS = ['a', 'b'] as const;
const deed = fc.oneof(
  fc.record({ do: fc.constant('say' as const), topic: fc.constantFrom(...TOPICS) }),
  fc.record({ do: fc.constant('read' as const), topic: fc.constantFrom(...TOPICS), most: fc.nat(4) }),
);

/** Whatever is said and read in whatever order, against what really never arrived. */
it('counts exactly what a queue never had, when it looks often enough', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 10, maxLength: 60, size: 'max' }), async (deeds) => {
      const clock = memoryClock();
      const broker = memoryBroker({ clock, random: randomStream(1) });
      const during = <T>(work: Promise<T>) => meanwhile(clock, work);
      const streams = broker.streams('one');
      await during(streams.ensure({ name: 'S', subjects: ['S.>'], keeps: 'log', maxMessages: ROOM }));
      const { watch, look } = watched(streams, 'S');
      const heard = new Map<string, Set<number>>(TOPICS.map((topic) => [topic, new Set()]));
      const consume = (
        topic: string,
        atOnce: number,
        handle: (delivery: Delivery) => void,
      ): Promise<Consuming> =>
        during(
          streams.consume(
            'S',
            { durable: durableName(topic, topic, 2), filter: `S.${topic}`, settleMs: 60_000, atOnce },
            handle,
          ),
        );
      for (const topic of TOPICS) await (await consume(topic, 1, () => undefined)).stop(0);
      const said: { readonly topic: string; readonly sequence: number }[] = [];
      const looks = () =>
        look(async (holds) => {
          for (let tries = 0; !holds() && tries < 100; tries++) await clock.advance(10);
        });
      await looks();
      for (const one of deeds) {
        if (one.do === 'say') {
          const { sequence } = await during(
            streams.publish(`S.${one.topic}`, Uint8Array.of(1), { id: `${said.length}` }),
          );
          said.push({ topic: one.topic, sequence });
        } else if (one.most > 0) {
          // As many as it has credit for, and it keeps them: none is handed out twice.
          await consume(one.topic, one.most, ({ sequence }) => void heard.get(one.topic)?.add(sequence));
          await clock.advance(50);
        }
        await looks();
      }
      const oldest = said.length - ROOM;
      const lost = Object.fromEntries(
        TOPICS.map((topic): [string, number] => [
          topic,
          said.filter(
            (it) => it.topic === topic && it.sequence <= oldest && !heard.get(topic)?.has(it.sequence),
          ).length,
        ]).filter(([, count]) => count > 0),
      );
      expect(watch.counts).toEqual(lost);
    }),
    { numRuns: 150 },
  );
});

it('counts no hand-out that a fallen broker forgot', async () => {
  const urza = { durable: durableName('urza', 'a', 2), filter: 'S.a', createdMs: 0, handedOutTo: 0 };
  const looks: Backlog[] = [
    { first: 1, last: 4, consumers: [{ ...urza, handOuts: 1, unread: 4 }] },
    { first: 4, last: 7, consumers: [{ ...urza, handOuts: 0, unread: 1 }] },
  ];
  let at = 0;
  const streams = { backlog: () => Promise.resolve(looks[at]!), count: () => Promise.resolve(0) };
  const { watch, look } = watched(streams as Partial<Streams> as Streams, 'S');
  const turns = async (holds: () => boolean) => {
    while (!holds()) await Promise.resolve();
  };
  await look(turns);
  at = 1;
  await look(turns);

  expect(watch.counts).toEqual({ urza: 3 });
});
