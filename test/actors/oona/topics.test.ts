import { describe, expect, it } from 'vitest';
import { topicMatcher } from '../../../actors/oona/topics.ts';

describe('a topic pattern', () => {
  it.each([
    ['a.b.c', 'a.b.c', true],
    ['a.b.c', 'a.b', false],
    ['a.b', 'a.b.c', false],
    ['a.*.c', 'a.b.c', true],
    ['a.*', 'a.b.c', false],
    ['*', 'a', true],
    ['a.>', 'a.b.c', true],
    ['a.>', 'a', false],
    ['>', 'a', true],
    ['ab', 'abc', false],
  ])('%s hears %s: %s', (pattern, topic, hears) => {
    expect(topicMatcher(pattern)(topic)).toBe(hears);
  });

  it.each(['a..b', '', '>.a', 'a.>.b'])('refuses "%s"', (pattern) => {
    expect(() => topicMatcher(pattern)).toThrow(/topic pattern|last word/);
  });
});
