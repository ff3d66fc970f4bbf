/** Bad news on the command line: a code, a reason, a next step, and never a stack nobody asked for. */
import { describe, expect, it } from 'vitest';
import { failureText } from '../../cli/render/failure.ts';
import { style } from '../../cli/render/style.ts';
import { EsperError } from '../../contracts/index.ts';
import { esper, fakeWorld } from './fake-world.ts';

describe('a mistyped command line', () => {
  it.each([
    ['trian my.yaml', "CLI_USAGE unknown command 'trian'\ntry: did you mean train?\n"],
    ['train my.yaml --jsno', "CLI_USAGE unknown option '--jsno'\ntry: did you mean --json?\n"],
    ['config validat x', "CLI_USAGE unknown command 'validat'\ntry: did you mean validate?\n"],
    ['train', "CLI_USAGE missing required argument 'config'\ntry: esper --help\n"],
    ['train a.yaml b.yaml', /^CLI_USAGE too many arguments/],
    ['train a.yaml --set', /^CLI_USAGE option '--set <key=value>' argument missing/],
  ])('%s ends with 2 and a guess', async (args, said) => {
    const { code, out, err } = await esper(fakeWorld(), ...args.split(' '));

    expect(code).toBe(2);
    if (typeof said === 'string') expect(err).toBe(said);
    else expect(err).toMatch(said);
    expect(out).toBe('');
  });

  it('without a command shows the help and ends with 2', async () => {
    const { code, err } = await esper(fakeWorld());

    expect(code).toBe(2);
    expect(err).toContain('Usage: esper [options] [command]');
    expect(err).toContain('try: esper --help');
  });
});

describe('help and version', () => {
  it('of a command name what every command takes', async () => {
    const { out } = await esper(fakeWorld(), 'train', '--help');

    for (const option of ['--set <key=value>', '--data-dir <dir>', '--home <dir>', '--json'])
      expect(out).toContain(option);
  });

  it('go to stdout and end with 0', async () => {
    const help = await esper(fakeWorld(), '--help');
    const version = await esper(fakeWorld(), '--version');

    expect([help.code, version.code, version.out]).toEqual([0, 0, '1.2.3\n']);
    for (const command of [
      'train',
      'resume',
      'runs',
      'seeds',
      'decisions',
      'data',
      'config',
      'doctor',
      'wal',
      'explain',
    ]) {
      expect(help.out).toContain(`\n  ${command}`);
    }
  });
});

describe('a failure', () => {
  const failure = new EsperError(
    'DISK_FULL',
    'write of c1 failed',
    {},
    {
      hint: 'free some space',
      cause: new Error('ENOSPC: no space left'),
    },
  );

  it('is told in three lines', () => {
    expect(failureText(failure, style(false), false)).toBe(
      'DISK_FULL write of c1 failed\n  ENOSPC: no space left\ntry: free some space\n',
    );
  });

  it('shows its stack only to those who ask', () => {
    expect(failureText(failure, style(false), false)).not.toContain('    at ');
    expect(failureText(failure, style(false), true)).toContain('    at ');
  });

  it('that is a mistake inside Esper says so and ends with 70', async () => {
    const world = Object.assign(fakeWorld(), {
      runner: async () => {
        throw new TypeError('x is not a function');
      },
    });
    world.disk.put('my.yaml', new Uint8Array());

    const { code, err } = await esper(world, 'train', 'my.yaml');

    expect(code).toBe(70);
    expect(err).toBe(
      'ESPER_INTERNAL x is not a function\ntry: run it again with -v and report the stack: this is a mistake inside Esper\n',
    );
  });

  it('of a config lists every problem with its place', async () => {
    const world = fakeWorld();
    world.disk.put('bad.yaml', new TextEncoder().encode('seed: -1\nnam: x\n'));

    const { code, err } = await esper(world, 'train', 'bad.yaml');

    expect(code).toBe(3);
    expect(err).toBe(
      [
        'bad.yaml:1:7: CONFIG_OUT_OF_RANGE seed wants a whole number from 0 to 4294967295, got -1',
        'bad.yaml:2:1: CONFIG_UNKNOWN_KEY no setting `nam` at the top',
        '  did you mean name?',
        'try: esper config explain <setting> tells what a setting means and may be',
        '',
      ].join('\n'),
    );
  });
});
