import { expect, it } from 'vitest';
import { LastWords } from './last-words.ts';

const numbered = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => `${line(n)}\n`).join('');

it('tells an error whole, and the end of the log apart from it', () => {
  const words = new LastWords();
  words.add(numbered(100, (n) => `{"level":40,"msg":"log ${n}"}`));
  words.add(numbered(60, (n) => `    at frame ${n}`));
  const told = words.tell('n1', 1, null);
  expect(told).toContain('n1 ended by itself: exit code 1, signal none');
  for (let n = 0; n < 60; n++) expect(told).toContain(`    at frame ${n}\n`);
  expect(told).toContain('the last 40 of 100 lines');
  expect(told).toContain('"log 99"');
  expect(told).toContain('"log 60"');
  expect(told).not.toContain('"log 59"');
});

it('tells the cause and the end of a dump that is longer than anybody reads', () => {
  const words = new LastWords();
  words.add('[7] 2026/01/01 00:00:00.000001 [INF] Server is ready\npanic: what it was\n');
  words.add(numbered(5_000, (n) => `goroutine ${n}`));
  const told = words.tell('nats-server', null, 'SIGABRT');
  expect(told).toContain('exit code none, signal SIGABRT');
  expect(told).toContain('panic: what it was');
  expect(told).toContain('goroutine 4999');
  expect(told).toContain('... 4881 lines more ...');
  expect(told).toContain('Server is ready');
});

it('takes what a broker logs of its own end for an error, and its other lines for a log', () => {
  const words = new LastWords();
  words.add('[7] 2026/01/01 00:00:00.000001 [INF] Starting\n');
  words.add('[7] 2026/01/01 00:00:00.000002 [FTL] Error listening on port: 4222\n');
  expect(words.tell('nats-server', 1, null)).toContain(
    'its error (1 lines):\n  [7] 2026/01/01 00:00:00.000002 [FTL] Error',
  );
});
