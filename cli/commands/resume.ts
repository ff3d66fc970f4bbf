/** `esper resume <run>`: goes on where a stopped or killed run left off. */
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { findRun } from '../run-folders.ts';
import { runToEnd } from './run-to-end.ts';

export function resume(program: Command, cli: Cli): void {
  program
    .command('resume')
    .argument('<run>', 'run id, the beginning of one, or `latest`')
    .description('go on with a run that was stopped or killed')
    .action(async (meant: string) => {
      const runId = await findRun(cli, meant);
      const runner = await cli.world.runner();
      const { dataDirs } = cli.data;
      await runToEnd(cli, () => runner.resume(runId, { home: cli.home, dataDirs, origin: 'resume' }));
    });
}
