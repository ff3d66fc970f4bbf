import { describe } from 'vitest';
import { randomStream } from '../../../contracts/random-stream.ts';
import { LEASE_STORE, memoryBroker } from '../../../runtime/adapters/memory/broker.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { leasesContract } from './leases.contract.ts';
import { meanwhile } from './nodes.ts';

describe('leases in memory', () => {
  leasesContract(async () => {
    const clock = memoryClock();
    const broker = memoryBroker({ clock, random: randomStream(1), faults: { delayMs: [1, 9] } });
    return {
      one: broker.leases('one'),
      other: broker.leases('other'),
      during: (work) => meanwhile(clock, work),
      settle: () => clock.advance(50),
      down: async () => broker.partition('one', LEASE_STORE),
      up: async () => broker.heal(),
      end: async () => {},
    };
  });
});
