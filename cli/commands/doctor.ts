/** `esper doctor`: is everything here that a run needs, and if not, what to do. */
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { examine } from '../doctor/checks.ts';
import { examineGpu } from '../doctor/gpu-checks.ts';
import { EXIT } from '../exit-codes.ts';
import { type Column, table } from '../render/table.ts';
import { type CheckResult, documentOf } from '../views/documents.ts';

export function doctor(program: Command, cli: Cli): void {
  program
    .command('doctor')
    .option('--strict', 'exit 10 on warnings too')
    .option('--gpu', 'what there is for computing on a GPU, and what is missing')
    .description('check this machine and the last run')
    .action(async ({ strict, gpu }: { strict?: boolean; gpu?: boolean }) => {
      const checks = gpu ? await examineGpu(cli.world.machine.gpu()) : await examine(cli);
      const states = checks.map(({ state }) => state);
      const state = states.includes('failed') ? 'failed' : states.includes('warning') ? 'warning' : 'ok';
      cli.print(documentOf('Doctor', { state, checks }), () => table(columnsFor(cli), checks, cli.style));
      if (state === 'failed') cli.exitCode = EXIT.failed;
      else if (state === 'warning' && strict) cli.exitCode = EXIT.degraded;
    });
}

function columnsFor({ style }: Cli): readonly Column<CheckResult>[] {
  const paint = { ok: style.green, warning: style.yellow, failed: style.red };
  return [
    { title: 'state', of: ({ state }) => paint[state](state) },
    { title: 'check', of: ({ name }) => name },
    { title: 'finding', of: ({ finding }) => finding },
    { title: 'try', of: ({ next }) => next },
  ];
}
