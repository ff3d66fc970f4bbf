/** `esper train <config.yaml>`: a new run, shown until it ends. */
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { readConfig } from '../read-config.ts';
import { runToEnd } from './run-to-end.ts';

export function train(program: Command, cli: Cli): void {
  program
    .command('train')
    .argument('<config>', 'YAML file that describes the run')
    .description('train a network that grows, and show how')
    .action(async (file: string) => {
      const { config } = await readConfig(cli, file);
      const runner = await cli.world.runner();
      const { dataDirs } = cli.data;
      await runToEnd(cli, () => runner.start(config, { home: cli.home, dataDirs, origin: file }));
    });
}
