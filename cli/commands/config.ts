/** `esper config validate | schema | explain`: a config before it costs an hour. */
import type { Command } from 'commander';
import { type Explanation, explain } from '../../config/explain.ts';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import { ConfigInvalid, place } from '../../config/problem.ts';
import { schemaFile } from '../../config/schema-file.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-codes.ts';
import { readConfig } from '../read-config.ts';
import { failureText } from '../render/failure.ts';
import type { Style } from '../render/style.ts';
import { pairs } from '../render/table.ts';
import { documentOf } from '../views/documents.ts';

export function config(program: Command, cli: Cli): void {
  const group = program.command('config').description('check and explain the settings of a run');
  group
    .command('validate')
    .argument('<config>', 'YAML file')
    .description('say everything that is wrong with a config; exit 3 if anything is')
    .action((file: string) => validate(cli, file));
  group
    .command('schema')
    .description('print the JSON schema, for editors')
    .action(() => cli.world.out.write(schemaFile()));
  group
    .command('explain')
    .argument('<setting>', 'dotted path, such as training.epochs')
    .argument('[config]', 'YAML file whose value is shown')
    .description('what a setting means, may be, and is')
    .action(async (path: string, file: string | undefined) => {
      const answer = explain(path, await settingsOf(cli, file));
      cli.print(documentOf('Setting', answer), () => explanationText(answer, cli.style));
    });
}

async function validate(cli: Cli, file: string): Promise<void> {
  try {
    const { config } = await readConfig(cli, file);
    const document = documentOf('ConfigReport', { file, valid: true, problems: [], config });
    cli.print(document, () => `${file} is valid\n`);
  } catch (error) {
    if (!(error instanceof ConfigInvalid)) throw error;
    const problems = error.problems.map(({ code, at, text, hint }) => ({
      code,
      place: place(at),
      text,
      hint,
    }));
    if (cli.options.json) {
      cli.print(documentOf('ConfigReport', { file, valid: false, problems, config: null }), () => '');
    } else {
      cli.world.err.write(failureText(error, cli.errStyle, cli.options.verbose));
    }
    cli.exitCode = EXIT.config;
  }
}

/** Without a file: the defaults, the environment and `--set`. */
async function settingsOf(cli: Cli, file: string | undefined): Promise<LoadedConfig> {
  if (file !== undefined) return readConfig(cli, file);
  return loadConfig({ file: 'defaults', text: '', env: cli.world.env, sets: cli.sets });
}

function explanationText(answer: Explanation, paint: Style): string {
  const shown = (value: unknown) => JSON.stringify(value);
  return `${paint.bold(answer.path)}  ${answer.about}\n${pairs(
    [
      ['wants', answer.wants],
      ['default', answer.default === undefined ? 'follows from other settings' : shown(answer.default)],
      ['value', shown(answer.value)],
      ['from', answer.origin],
      ...answer.inside.map((path) => ['inside', path] as const),
    ],
    paint,
  )}`;
}
