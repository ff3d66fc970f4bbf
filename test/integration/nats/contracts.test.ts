import { afterAll, beforeAll, describe } from 'vitest';
import { leasesContract } from '../../runtime/remote/leases.contract.ts';
import { transportContract } from '../../runtime/remote/transport.contract.ts';
import { type BreakableServer, breakableServer, programs, until } from './support/server.ts';
import { settled } from './support/settled.ts';

describe.each(programs)('over $version', (program) => {
  let broker: BreakableServer;
  let clusters = 0;
  beforeAll(async () => {
    broker = await breakableServer(program);
  });
  afterAll(() => broker.end());

  /** Two clients of a cluster of its own. */
  const two = async () => {
    const cluster = `c${++clusters}`;
    const [one, other] = [await broker.open('one', { cluster }), await broker.open('other', { cluster })];
    const both = [one, other];
    return {
      one,
      other,
      settle: () => settled(both.map(({ transport }) => transport)),
      down: async () => {
        await broker.kill();
        await until(() => both.every(({ transport }) => !transport.connected), 'both notice that it is down');
      },
      up: async () => {
        await broker.revive();
        await until(() => both.every(({ transport }) => transport.connected), 'both are back');
      },
      end: async () => {
        await Promise.all(both.map((link) => link.close()));
      },
    };
  };

  describe('a transport', () => {
    transportContract(async () => {
      const world = await two();
      return { ...world, one: world.one.transport, other: world.other.transport };
    });
  });

  describe('a lease store', () => {
    leasesContract(async () => {
      const world = await two();
      return { ...world, one: world.one.leases, other: world.other.leases, during: (work) => work };
    });
  });
});
