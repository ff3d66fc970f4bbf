/** The promise to shell scripts, as a table. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ERROR_TABLE } from '../../cli/error-table.ts';
import { EXIT, exitCodeFor } from '../../cli/exit-codes.ts';
import { ConfigInvalid } from '../../config/problem.ts';
import { ContractError, EsperError } from '../../contracts/index.ts';

it.each([
  ['CLI_USAGE', 2],
  ['RUN_AMBIGUOUS', 2],
  ['CONFIG_INVALID', 3],
  ['CONFIG_UNKNOWN_SETTING', 3],
  ['DATA_BAD_OPTION', 3],
  ['CONFIG_NOT_FOUND', 4],
  ['RUN_NOT_FOUND', 4],
  ['DISK_NOT_FOUND', 4],
  ['DATA_UNKNOWN_DATASET', 4],
  ['DISK_DENIED', 5],
  ['NATS_NO_RESPONDER', 6],
  ['ACTOR_TIMEOUT', 7],
  ['HOST_TIMED_OUT', 7],
  ['RUN_ALREADY_ENDED', 8],
  ['JOURNAL_LOCKED', 8],
  ['DISK_EXISTS', 8],
  ['JOURNAL_CORRUPT', 9],
  ['DOWNLOAD_CHECKSUM', 9],
  ['RUN_RECORD_CORRUPT', 9],
  ['NN_BACKEND_UNUSABLE', 69],
  ['HTTP_FAILED', 69],
  ['DISK_FULL', 69],
  ['ESPER_INTERNAL', 70],
  ['TOLARIA_DIVERGED', 9],
  ['DATA_TRUNCATED', 9],
  ['UNIT_ALREADY_THERE', 8],
  ['UNIT_NOT_MOVED', 8],
  ['NODE_CORDONED', 8],
  ['UNIT_MOVE_LATE', 7],
  ['NODE_DRAIN_LATE', 7],
  ['NODE_LEAVE_LATE', 7],
  ['RUN_COMMAND_LOST', 7],
  ['PLACEMENT_UNKNOWN_UNIT', 4],
])('%s ends with %i', (code, exit) => {
  expect(exitCodeFor(new EsperError(code, 'it happened'))).toBe(exit);
});

it('knows a broken contract from a mistake inside Esper', () => {
  expect(exitCodeFor(new ContractError('a.b', '/x', 'is wrong'))).toBe(EXIT.integrity);
  expect(exitCodeFor(new TypeError('x is not a function'))).toBe(EXIT.internal);
  expect(exitCodeFor('a string')).toBe(EXIT.internal);
  expect(exitCodeFor(new ConfigInvalid([]))).toBe(EXIT.config);
});

it('tells a person what to do next for every code it lists', () => {
  for (const [code, { meaning, next }] of ERROR_TABLE) {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
    expect(meaning.length, code).toBeGreaterThan(20);
    expect(next.length, code).toBeGreaterThan(4);
  }
});

it('has an entry for every code that is thrown anywhere', () => {
  const rooms = ['cli', 'config', 'contracts', 'runtime', 'nn', 'actors', 'machines'];
  const files = rooms.flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(room, file)),
  );
  const thrown = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/new EsperError\(\s*'([A-Z0-9_]+)'/g)].map(
      ([, code = '']) => code,
    ),
  );
  const missing = [...new Set(thrown)].filter((code) => !ERROR_TABLE.has(code));

  expect(thrown.length).toBeGreaterThan(50);
  expect(missing, 'add a row to cli/error-table.ts').toEqual([]);
});
