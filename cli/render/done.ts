/** What a command has done, in a sentence for people: facts that the sentence lacks come after it, and nothing is data in disguise. */
import type { Done } from '../../contracts/index.ts';
import { wrap } from './wrap.ts';

/** @param columns of the terminal; lines after the first stand in a little */
export function doneText({ done, details }: Done, columns: number): string {
  const facts = Object.entries(details).flatMap(([name, value]) => {
    if (leaves(value).every((leaf) => done.includes(leaf))) return [];
    return [isChange(value) ? change(name, value, done) : `${name} ${words(value)}`];
  });
  return wrap([done, ...facts].join(', '), columns);
}

interface Change {
  readonly before: unknown;
  readonly now: unknown;
}

const isChange = (value: unknown): value is Change =>
  typeof value === 'object' && value !== null && 'before' in value && 'now' in value;

/** A name that the sentence has is not said again. */
function change(name: string, { before, now }: Change, sentence: string): string {
  const text = `${words(before)} before, ${words(now)} now`;
  return sentence.includes(name) ? text : `${name} ${text}`;
}

function words(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(words).join(' ');
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value);
  return entries.length === 0 ? '-' : entries.map(([name, inner]) => `${name} ${words(inner)}`).join(', ');
}

function leaves(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return value === '' ? [] : [words(value)];
  return Object.values(value).flatMap(leaves);
}
