/** Where units are: news counts by tenure, not by when it came. */
import { expect, it } from 'vitest';
import { Directory } from '../../../runtime/placement/directory.ts';

const directory = () => {
  const made = new Directory('n1');
  made.setNear(new Set(['n2', 'n3']));
  return made;
};

it('the newest tenure counts, whatever is said of older ones later', () => {
  const known = directory();
  known.there('a', 5, 'n3');
  known.there('a', 4, 'n2');
  known.over('a', 4);

  expect(known.where('a')).toEqual({ kind: 'there', node: 'n3' });
});

it('a tenure that is over leaves the unit nowhere until a newer one is heard of', () => {
  const known = directory();
  known.here('a', 5, 'esper/units/a/x');
  known.over('a', 5);
  known.there('a', 5, 'n2');

  expect(known.where('a')).toEqual({ kind: 'nowhere' });
  known.there('a', 6, 'n2');
  expect(known.where('a')).toEqual({ kind: 'there', node: 'n2' });
});

it('a node knows better about itself than others do', () => {
  const known = directory();
  known.there('a', 7, 'n1');

  expect(known.where('a')).toEqual({ kind: 'nowhere' });
});

it('a unit on a node out of reach is nowhere, until the node is back; both are told', () => {
  const known = directory();
  const told: string[] = [];
  known.there('a', 1, 'n2');
  known.onChange((unit) => told.push(`${unit} ${known.where(unit).kind}`));
  known.setNear(new Set(['n3']));
  known.setNear(new Set(['n2', 'n3']));

  expect(told).toEqual(['a nowhere', 'a there']);
});
