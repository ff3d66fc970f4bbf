/** Ties a test to its row: the title comes from the table, so neither can drift from the other. */
import assert from 'node:assert/strict';
import { it } from 'vitest';
import { rows, titleOf } from '../rows.ts';

/** @param name a row's name; @param story the test that decides the row */
export function conforms(name: string, story: () => void | Promise<void>): void {
  const row = rows.find((one) => one.name === name);
  assert(row, `${name} is no row of the table`);
  it(titleOf(row), story);
}
