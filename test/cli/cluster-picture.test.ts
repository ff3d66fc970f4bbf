/** The picture of a cluster, made from what its nodes tell, in whatever order that arrives. */
import { describe, expect, it } from 'vitest';
import { emptyPicture, evolve, pictureLine, withoutNode } from '../../cli/cluster/picture.ts';
import type { NodeNews } from '../../config/cluster/news.ts';

const from = (node: string) => ({ kind: 'NodeNews' as const, node, atMs: 0 });
const joined = (node: string): NodeNews => ({
  ...from(node),
  what: 'joined',
  epoch: 1,
  protocol: '',
  nats: '',
});
const unit = (node: string, state: 'running' | 'gone', epoch: number): NodeNews => ({
  ...from(node),
  what: 'unit',
  unit: 'karn',
  state,
  epoch,
});
const line = (news: readonly NodeNews[]) => pictureLine(news.reduce(evolve, emptyPicture(['a', 'b'])));

describe('the picture of a cluster', () => {
  it('shows who is up and what runs there', () => {
    expect(line([joined('a'), unit('a', 'running', 1)])).toBe('a: karn · b (starting)');
  });

  it('follows a unit by the epoch of its lease: its older life may end later', () => {
    const moved = [joined('a'), joined('b'), unit('a', 'running', 1), unit('b', 'running', 2)];

    expect(line([...moved, unit('a', 'gone', 1)])).toBe('a · b: karn');
  });

  it('believes others about a node only until its process is seen to end', () => {
    const unreachable: NodeNews = { ...from('b'), what: 'peer', peer: 'a', state: 'unreachable' };
    const back: NodeNews = { ...from('b'), what: 'peer', peer: 'a', state: 'up' };
    expect(line([joined('a'), joined('b'), unreachable])).toBe('a (unreachable) · b');
    expect(line([joined('a'), joined('b'), unreachable, back])).toBe('a · b');

    const down: NodeNews = { ...unreachable, state: 'down' };
    expect(line([joined('a'), joined('b'), down])).toBe('a (down) · b');
    expect(line([joined('a'), joined('b'), down, back])).toBe('a · b');

    const lost = withoutNode([joined('a'), joined('b')].reduce(evolve, emptyPicture(['a', 'b'])), 'a');
    expect(pictureLine(evolve(lost, back))).toBe('a (lost) · b');
  });
});
