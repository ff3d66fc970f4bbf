/** What a node says of its machine: measured, smoothed, and forgotten when it no longer holds. */
import { describe, expect, it } from 'vitest';
import { RoundTrips } from '../../../config/cluster/latency.ts';
import { pressureOf } from '../../../config/cluster/pressure.ts';

describe('round trips', () => {
  it('begin with what was measured first, and follow slowly', () => {
    const trips = new RoundTrips();
    trips.note('n2', 10);
    expect(trips.all()).toEqual({ n2: 10 });
    trips.note('n2', 20);
    expect(trips.all()).toEqual({ n2: 13 });
  });

  it('to nodes that are gone are forgotten', () => {
    const trips = new RoundTrips();
    for (const node of ['n2', 'n3']) trips.note(node, 1);
    trips.keepOnly(new Set(['n3']));

    expect(trips.all()).toEqual({ n3: 1 });
  });
});

describe('the pressure of a machine', () => {
  it('is the share of time that somebody waited for the disk', () => {
    expect(pressureOf(() => 'some avg10=12.50 avg60=1.00 total=9\nfull avg10=99.00').io).toBe(0.125);
  });

  it.each([
    [
      'there is no such file',
      () => {
        throw new Error('ENOENT');
      },
    ],
    ['the file says something else', () => 'nothing'],
  ])('is none when %s', (_, read) => expect(pressureOf(read).io).toBe(0));
});
