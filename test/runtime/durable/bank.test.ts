/** Money is neither made nor lost, whoever falls, whenever: that is what a barrier is for. */
import { describe, expect, it } from 'vitest';
import { type Day, dayAt, type Photographer } from './bank.ts';

const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

const days = async (count: number, photographer: Photographer): Promise<Day[]> => {
  const all: Day[] = [];
  for (const seed of seeds(count)) all.push(await dayAt(seed, photographer));
  return all;
};
/** Seeds of the days on which the money was not what it should be. */
const losers = (all: readonly Day[]) =>
  all.flatMap(({ sums }, i) => (sums.some((sum) => sum !== 0) ? [i + 1] : []));

describe('a bank whose accounts talk by messages', () => {
  it('keeps its money through any number of rollbacks, when checkpoints wait at the barrier', async () => {
    const all = await days(300, (checkpoints) => checkpoints.barrier());

    expect(losers(all)).toEqual([]);
    expect(all.reduce((sum, { crashes }) => sum + crashes, 0)).toBeGreaterThan(800);
    expect(all.filter(({ mail }) => mail > 0).length).toBeGreaterThan(50);
  });

  it('loses and makes money when states alone are copied, at whatever moment', async () => {
    const all = await days(60, (checkpoints) => checkpoints.capture());

    expect(losers(all).length).toBeGreaterThan(10);
  });
});
