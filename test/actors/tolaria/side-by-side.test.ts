/** Work done side by side: all of it has ended before anybody hears of it. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { sideBySide } from '../../../actors/tolaria/side-by-side.ts';

/** Work that ends when the test says so. */
function work(): { readonly done: Promise<string>; end(what: string): void; fail(why: string): void } {
  let [end, fail] = [(_: string) => {}, (_: string) => {}];
  const done = new Promise<string>((resolve, reject) => {
    [end, fail] = [resolve, reject];
  });
  return { done, end, fail };
}

it('gives every result in its place, whoever ends first', async () => {
  const slow = work();
  const all = sideBySide([slow.done, Promise.resolve(1), 'at once']);
  slow.end('slow');

  expect(await all).toEqual(['slow', 1, 'at once']);
});

it('tells of a failure when the rest has ended too, and of the first in order', async () => {
  const [first, last] = [work(), work()];
  const heard: unknown[] = [];
  const told = sideBySide([first.done, last.done]).catch((error) => heard.push(error));

  last.fail('the last');
  await turn();
  expect(heard).toEqual([]);
  first.fail('the first');
  await told;

  expect(heard).toEqual(['the first']);
});
