/** A run from the command line: what is shown while it runs, how it is stopped, how it ends. */
import { describe, expect, it } from 'vitest';
import { EsperError } from '../../contracts/index.ts';
import { esper, type FakeWorld, fakeWorld, type Script } from './fake-world.ts';
import { event, progress, summary } from './samples.ts';

const events = [progress(10), event('germinated'), progress(60, { validationAccuracy: 1 })];

function ready(script: Script = {}): FakeWorld {
  const world = fakeWorld({ events, ...script });
  world.disk.put('my.yaml', new TextEncoder().encode('name: mine\n'));
  return world;
}

describe('train', () => {
  it('hands the compiled config, home and data folders to the runner', async () => {
    const world = ready({ env: { ESPER_TRAINING__EPOCHS: '7' } });
    await esper(
      world,
      'train',
      'my.yaml',
      '--seed',
      '9',
      '--data-dir',
      'd',
      '--home',
      'h',
      '--set',
      'seed=3',
    );

    expect(world.asked).toMatchObject([
      {
        config: { name: 'mine', seed: 9, training: { epochs: 7 } },
        options: { home: 'h', dataDirs: ['d', 'cache/data'], origin: 'my.yaml' },
      },
    ]);
  });

  it('shows plain lines on stderr and the summary on stdout when nobody watches', async () => {
    const { code, out, err } = await esper(ready(), 'train', 'my.yaml');

    expect(code).toBe(0);
    expect(err).toContain('run spirals-1  home/runs/spirals-1\nepoch 10/100');
    expect(err).toContain('+ germinated epoch 10');
    expect(err + out).not.toContain('\u001b');
    expect(out).toMatchInlineSnapshot(`
      "
      goal reached after 30 epochs, 1 min 01 s

      accuracy       50.0 % -> 100.0 %
      loss           1.000 -> 0.2500
      test accuracy  98.0 %
      curve          ▁█
      parameters     38 at birth -> 62 grown
      seeds          1 germinated, 1 fossilized, 0 culled
      rollback       not_finite, 4.5 ms
      started in     420 ms

      decisions
        epoch 10  s1 planted in h1/widen: plateau

      saved
        model   home/runs/spirals-1/model/model.json
        report  home/runs/spirals-1/report.md

      next
        esper decisions spirals-1
        esper seeds spirals-1
        esper run show spirals-1
      "
    `);
  });

  it('draws a bar on a terminal, but not where CI is set', async () => {
    const watched = await esper(ready({ isTTY: true }), 'train', 'my.yaml');
    const inCi = await esper(ready({ isTTY: true, env: { CI: 'true' } }), 'train', 'my.yaml');

    expect(watched.err).toContain('\r\u001b[2K');
    expect(inCi.err).not.toContain('\r');
  });

  it('prints every message as a line with --json, the summary last, and keeps stderr for notes', async () => {
    const { out, err } = await esper(ready(), '--json', '--quiet', 'train', 'my.yaml');
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

    expect(lines.map(({ type, kind }) => type ?? kind)).toEqual([
      'tolaria.training.progressed',
      'nissa.run_event.reported',
      'tolaria.training.progressed',
      'RunSummary',
    ]);
    expect(err).toBe('');
  });

  it('ends with 1 when the run failed', async () => {
    const end = summary();
    const failed = { ...end, ended: { ...end.ended, outcome: 'failed' as const } };

    expect((await esper(ready({ summary: failed }), 'train', 'my.yaml')).code).toBe(1);
  });

  it('resumes the run that is meant', async () => {
    const world = ready();
    world.disk.put('home/runs/spirals-1/config.json', new Uint8Array());
    await esper(world, 'resume', 'spir');

    expect(world.asked).toMatchObject([{ id: 'spirals-1', options: { origin: 'resume' } }]);
  });
});

describe('the next steps', () => {
  it('are commands that work as they stand: through npm in a checkout, and with the home that was named', async () => {
    const inCheckout = ready({ env: { npm_lifecycle_event: 'start' } });
    const { out } = await esper(inCheckout, 'train', 'my.yaml', '--home', 'elsewhere');

    expect(out).toContain('  npm run -s esper -- decisions spirals-1 --home elsewhere\n');
    expect((await esper(ready(), 'train', 'my.yaml')).out).toContain('  esper decisions spirals-1\n');
  });
});

describe('an interrupt', () => {
  it('asks for a checkpoint, says so, and ends with 130', async () => {
    const world = ready({ before: (world, at) => at === 1 && world.interrupt() });
    const { code, out, err } = await esper(world, 'train', 'my.yaml');

    expect(code).toBe(130);
    expect(err).toContain('stopping: writing a checkpoint (press again to stop at once)\n');
    expect(out).toContain('esper resume spirals-1');
    expect(world.exits).toEqual([]);
  });

  it('that comes while the hosts are starting is not forgotten', async () => {
    const world = ready({ starting: (world) => world.interrupt() });
    const { code, err } = await esper(world, 'train', 'my.yaml');

    expect(code).toBe(130);
    expect(err).toContain('stopping: writing a checkpoint');
  });

  it('of the other kind ends with 143', async () => {
    const world = ready({ before: (world, at) => at === 1 && world.interrupt('SIGTERM') });

    expect((await esper(world, 'train', 'my.yaml')).code).toBe(143);
  });

  it('that comes twice does not wait', async () => {
    const world = ready({ before: (world, at) => at > 0 && world.interrupt() });
    await esper(world, 'train', 'my.yaml');

    expect(world.exits).toEqual([130]);
  });

  it('whose checkpoint cannot be written is a failure like any other', async () => {
    const failsToStop = new EsperError('DISK_FULL', 'write of c1 failed');
    const world = ready({ failsToStop, before: (world, at) => at === 1 && world.interrupt() });
    const { code, err } = await esper(world, 'train', 'my.yaml');

    expect(code).toBe(69);
    expect(err).toContain('DISK_FULL write of c1 failed');
  });

  it('after the run is nobody else to hear', async () => {
    const world = ready();
    await esper(world, 'train', 'my.yaml');
    world.interrupt();

    expect(world.said().err).not.toContain('stopping');
  });
});
