/** Ears that are shut let nothing in, not even what was on its way, and what they kept out comes when they are open. */
import { expect, it } from 'vitest';
import { Ears } from '../../../config/cluster/ears.ts';
import { memoryCluster } from '../../actors/oona/worlds.ts';

const JOB = 'compilation.job';
const said = (n: number) => ({ type: 'said', v: 1, n });
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, n) => from + n);

async function listening() {
  const { clock, reach, join } = memoryCluster();
  const bus = await join('one');
  const ears = new Ears(bus);
  const heard: number[] = [];
  const leave = ears.subscribe(JOB, ({ body }) => void heard.push((body as unknown as { n: number }).n), {
    queue: 'nissa',
  });
  const say = (all: readonly number[]) => {
    for (const n of all) ears.publish(JOB, said(n));
  };
  return { clock, reach, ears, heard, leave, say };
}

it('what is said while they are shut is heard once they are open, in order', async () => {
  const { clock, reach, ears, heard, say } = await listening();
  say(numbers(5));
  await reach(() => heard.length === 5);
  say(numbers(5, 5));
  ears.shut();
  ears.shut();
  await clock.advance(5_000);
  expect(heard).toEqual(numbers(5));
  ears.open();
  ears.open();
  await reach(() => heard.length >= 10);
  await clock.advance(5_000);

  expect(heard).toEqual(numbers(10));
});

it('who subscribes while they are shut hears later, and who has left does not', async () => {
  const { clock, reach, ears, heard, leave, say } = await listening();
  ears.shut();
  const late: unknown[] = [];
  ears.subscribe(JOB, ({ body }) => void late.push(body), { queue: 'late' });
  leave();
  ears.open();
  await clock.advance(100);
  say([1]);
  await reach(() => late.length === 1);
  await clock.advance(1_000);

  expect(heard).toEqual([]);
});
