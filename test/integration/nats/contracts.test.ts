import { afterAll, beforeAll, describe } from 'vitest';
import { lossesContract } from '../../actors/oona/losses.contract.ts';
import { artifactsContract } from '../../runtime/artifacts/artifacts.contract.ts';
import { servicesContract } from '../../runtime/ports/services.contract.ts';
import { streamsContract } from '../../runtime/ports/streams.contract.ts';
import { leasesContract } from '../../runtime/remote/leases.contract.ts';
import { transportContract } from '../../runtime/remote/transport.contract.ts';
import { type BreakableServer, breakableServer, pass, programs, until } from './support/server.ts';
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
      name: `S${clusters}`,
      during: <T>(work: Promise<T>) => work,
      until,
      pass,
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
      return { ...world, one: world.one.leases, other: world.other.leases };
    });
  });

  describe('a stream store', () => {
    streamsContract(async () => {
      const world = await two();
      return { ...world, one: world.one.streams, other: world.other.streams };
    });
  });

  describe('artifacts', () => {
    artifactsContract(async () => {
      const world = await two();
      return { ...world, one: world.one.streams, other: world.other.streams };
    });
  });

  describe('losses', () => {
    lossesContract(async () => {
      const world = await two();
      return { ...world, one: world.one.streams, other: world.other.streams };
    });
  });

  describe('services', () => {
    servicesContract(async () => {
      const world = await two();
      return { ...world, one: world.one.services, other: world.other.services };
    });
  });
});
