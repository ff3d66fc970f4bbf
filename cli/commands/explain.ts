/** `esper explain <CODE>`: what an error code means and what to do about it. */
import type { Command } from 'commander';
import { nearest } from '../../config/did-you-mean.ts';
import { EsperError } from '../../contracts/index.ts';
import type { Cli } from '../cli.ts';
import { ERROR_TABLE } from '../error-table.ts';
import { exitCodeFor } from '../exit-codes.ts';
import { pairs } from '../render/table.ts';
import { documentOf } from '../views/documents.ts';

export function explain(program: Command, cli: Cli): void {
  program
    .command('explain')
    .argument('<code>', 'error code, such as RUN_NOT_FOUND')
    .description('what an error code means and what to do next')
    .action((written: string) => {
      const code = written.toUpperCase();
      const entry = ERROR_TABLE.get(code);
      if (!entry) throw unknown(written);
      const exit = exitCodeFor(new EsperError(code, entry.meaning));
      cli.print(documentOf('ErrorCode', { code, ...entry, exit }), () =>
        pairs(
          [
            [code, entry.meaning],
            ['try', entry.next],
            ['exit code', String(exit)],
          ],
          cli.style,
        ),
      );
    });
}

function unknown(written: string): EsperError {
  const begins = [...ERROR_TABLE.keys()].find((code) => code.startsWith(written.toUpperCase()));
  const guess = begins ?? nearest(written, ERROR_TABLE.keys());
  const hint = guess ? `did you mean ${guess}?` : 'codes are written in capitals, as in the message';
  return new EsperError('ERROR_CODE_UNKNOWN', `no error has the code ${written}`, { written }, { hint });
}
