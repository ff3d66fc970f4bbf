/** The command line as a whole: commands, global options, and one place where every failure ends. */
import { Command, CommanderError, Option } from 'commander';
import { EsperError } from '../contracts/index.ts';
import { Cli, type GlobalOptions } from './cli.ts';
import { EXIT, exitCodeFor } from './exit-codes.ts';
import type { World } from './world.ts';

type Register = (program: Command, cli: Cli) => void;

/** In the order of `--help`. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  train: async () => (await import('./commands/train.ts')).train,
  resume: async () => (await import('./commands/resume.ts')).resume,
  up: async () => (await import('./commands/up.ts')).up,
  runs: async () => (await import('./commands/runs.ts')).runs,
  run: async () => (await import('./commands/runs.ts')).run,
  seeds: async () => (await import('./commands/seeds.ts')).seeds,
  decisions: async () => (await import('./commands/decisions.ts')).decisions,
  data: async () => (await import('./commands/data.ts')).data,
  config: async () => (await import('./commands/config.ts')).config,
  wal: async () => (await import('./commands/wal.ts')).wal,
  admin: async () => (await import('./commands/admin.ts')).admin,
  keys: async () => (await import('./commands/keys.ts')).keys,
  audit: async () => (await import('./commands/audit.ts')).audit,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  explain: async () => (await import('./commands/explain.ts')).explain,
};

/** The one that is asked for; all of them where the command line does not begin with a command. */
function commandsFor([first = '']: readonly string[]): Promise<Register[]> {
  const asked = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  return Promise.all((asked ? [asked] : Object.values(COMMANDS)).map((load) => load()));
}

/**
 * Runs one command line.
 * @param args what follows `esper`
 * @returns the exit code
 */
export async function main(args: readonly string[], world: World): Promise<number> {
  const program = globalOptions(new Command('esper')).version(world.version);
  const cli = new Cli(world, () => program.opts<GlobalOptions>());
  for (const register of await commandsFor(args)) register(program, cli);
  speakThrough(program, world);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return cli.exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.done;
    return complain(cli, thrown instanceof CommanderError ? usage(thrown, args) : thrown);
  }
}

function globalOptions(program: Command): Command {
  const repeated = (value: string, before: readonly string[]) => [...before, value];
  return program
    .description('Neural networks that grow while they train.')
    .option('--json', 'one JSON document on stdout; train and resume print a line for each message', false)
    .option('--seed <n>', 'random seed, the same as --set seed=<n>')
    .addOption(
      new Option('--set <key=value>', 'change a setting; may be given often')
        .argParser(repeated)
        .default([], 'none'),
    )
    .option('--data-dir <dir>', 'folder with data sets (ESPER_DATA_DIR)')
    .option('--home <dir>', 'folder for runs (ESPER_HOME; .esper unless said)')
    .option('-q, --quiet', 'no progress and no notes', false)
    .option('-v, --verbose', 'all decisions, and stacks of failures', false)
    .option('--no-color', 'plain text, as with NO_COLOR');
}

/** Help goes where the world says; messages about usage are ours to print. */
function speakThrough(command: Command, world: World): void {
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => world.out.write(text),
      writeErr: (text) => world.err.write(text),
      getOutHelpWidth: () => world.out.columns,
      getErrHelpWidth: () => world.err.columns,
      outputError: () => {},
    })
    .showSuggestionAfterError(true);
  for (const inner of command.commands) speakThrough(inner, world);
}

/** Commander's sentence, with its guess turned into advice. A group without a verb has already shown its help. */
function usage(error: CommanderError, args: readonly string[]): EsperError {
  const [, what = error.message, guess] =
    /^(?:error: )?(.*?)(?:\n\(Did you mean (.*)\?\))?$/s.exec(error.message) ?? [];
  const hint = guess ? `did you mean ${guess}?` : 'esper --help';
  const text = error.code === 'commander.help' ? 'a command is missing' : what;
  return new EsperError('CLI_USAGE', text, { args: [...args] }, { hint });
}

async function complain(cli: Cli, thrown: unknown): Promise<number> {
  const { failureDocument, failureText } = await import('./render/failure.ts');
  const { world, options } = cli;
  if (options.json) world.out.write(`${JSON.stringify(failureDocument(thrown))}\n`);
  else world.err.write(failureText(thrown, cli.errStyle, options.verbose));
  return exitCodeFor(thrown);
}
