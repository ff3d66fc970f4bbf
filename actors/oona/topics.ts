/** Which topics a pattern hears: `*` stands for one word, `>` at the end for one or more. */
import { BUS_QUEUE } from '../../contracts/index.ts';
import { badTopic } from './errors.ts';

/**
 * Compiles a pattern into a test.
 * @throws OONA_BAD_TOPIC when a word is empty, or `>` is not the last word
 */
export function topicMatcher(pattern: string): (topic: string) => boolean {
  const words = pattern.split('.');
  if (words.some((word) => word === '')) throw badTopic(pattern, `empty word in topic pattern "${pattern}"`);
  if (words.slice(0, -1).includes('>')) throw badTopic(pattern, `">" must be the last word of "${pattern}"`);
  if (!words.includes('*') && !words.includes('>')) return (topic) => topic === pattern;
  const open = words.at(-1) === '>';
  const fixed = open ? words.slice(0, -1) : words;
  return (topic) => {
    const said = topic.split('.');
    if (open ? said.length <= fixed.length : said.length !== fixed.length) return false;
    return fixed.every((word, i) => word === '*' || word === said[i]);
  };
}

const TOPIC = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
const PATTERN = /^((\*|[A-Za-z0-9_-]+)\.)*(\*|>|[A-Za-z0-9_-]+)$/;
const LONGEST = 200;

/** May something be said there? */
export const isTopic = (topic: string): boolean => topic.length <= LONGEST && TOPIC.test(topic);

/** @throws OONA_BAD_TOPIC */
export function checkTopic(topic: string): void {
  if (!isTopic(topic)) throw badTopic(topic, `"${topic.slice(0, LONGEST)}" is no topic`);
}

/** @throws OONA_BAD_TOPIC */
export function checkPattern(pattern: string): void {
  topicMatcher(pattern);
  if (pattern.length > LONGEST || !PATTERN.test(pattern))
    throw badTopic(pattern, `"${pattern.slice(0, LONGEST)}" is no topic pattern`);
}

/** Is there a topic that both hear? */
export function patternsMeet(one: string, other: string): boolean {
  const [a, b] = [one.split('.'), other.split('.')];
  for (let i = 0; ; i++) {
    const [x, y] = [a[i], b[i]];
    if (x === '>' || y === '>') return x !== undefined && y !== undefined;
    if (x === undefined || y === undefined) return x === y;
    if (x !== y && x !== '*' && y !== '*') return false;
  }
}

/** Does `wide` hear everything that `narrow` hears? */
export function patternCovers(wide: string, narrow: string): boolean {
  const [a, b] = [wide.split('.'), narrow.split('.')];
  for (let i = 0; ; i++) {
    const [x, y] = [a[i], b[i]];
    if (x === '>') return y !== undefined;
    if (x === undefined || y === undefined) return x === y;
    if (y === '>' || (x !== '*' && x !== y)) return false;
  }
}

const QUEUE = new RegExp(BUS_QUEUE);

/** May those who share work be called that? */
export const isQueue = (queue: string): boolean => QUEUE.test(queue);
