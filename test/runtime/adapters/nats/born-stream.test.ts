/** A stream that another node is just making is not asked for anything: a server of 2.9 would fall. */
import type { JetStreamManager, StreamInfo } from 'nats';
import { describe, expect, it } from 'vitest';
import { memoryClock } from '../../../../runtime/adapters/memory/clock.ts';
import { bornStream } from '../../../../runtime/adapters/nats/born-stream.ts';
import type { Connection } from '../../../../runtime/adapters/nats/connection.ts';

const UNBORN = '0001-01-01T00:00:00Z';
const BORN = '2026-11-22T22:25:03.380Z';

/** A server that says these dates of birth, one after the other, and the last one for ever. */
function serverSaying(...dates: readonly string[]) {
  const clock = memoryClock();
  let looks = 0;
  const info = async () => ({ created: dates[Math.min(looks++, dates.length - 1)] }) as unknown as StreamInfo;
  const manage = <T>(work: (manager: JetStreamManager) => Promise<T>) =>
    work({ streams: { info } } as unknown as JetStreamManager);
  const connection = { clock, manage } as unknown as Connection;
  return { clock, looking: bornStream(connection, 'S'), looks: () => looks };
}

describe('a stream', () => {
  it('that is there is told at the first look', async () => {
    const { looking, looks } = serverSaying(BORN);
    expect(await looking).toEqual({ created: BORN });
    expect(looks()).toBe(1);
  });

  it('that is being made is waited for', async () => {
    const { clock, looking, looks } = serverSaying(UNBORN, UNBORN, BORN);
    await clock.advance(100);
    expect(await looking).toEqual({ created: BORN });
    expect(looks()).toBe(3);
  });

  it('that is never done is not read all the same', async () => {
    const { clock, looking } = serverSaying(UNBORN);
    const refused = expect(looking).rejects.toMatchObject({ trouble: 'late' });
    await clock.advance(5_000);
    await refused;
  });
});
