/** Loading a config: what a person gets for what they wrote, and where each value is said to come from. */
import { readFileSync } from 'node:fs';
import { Value } from '@sinclair/typebox/value';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../config/load.ts';
import { ConfigInvalid } from '../../config/problem.ts';
import { FAULTS, RunConfig } from '../../contracts/index.ts';

const load = (text: string, rest: { env?: Record<string, string>; sets?: string[] } = {}) =>
  loadConfig({ file: 'my.yaml', text, ...rest });

function complaint(text: string, rest: { env?: Record<string, string>; sets?: string[] } = {}): string {
  try {
    load(text, rest);
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.message;
    throw error;
  }
  throw new Error('the config was accepted');
}

describe('what is left out', () => {
  it('is filled in: an empty file is a complete run', () => {
    const { config, origins } = load('');

    expect(Value.Check(RunConfig, config)).toBe(true);
    expect(config.task.dataset).toBe('two-spirals');
    expect(origins.get('training.epochs')).toBe('default');
  });

  it('makes seasons follow the length of the run, unless somebody set one', () => {
    const { config, origins } = load('training: { epochs: 100 }\ngrowth: { tempo: { blending: 2 } }');

    expect(config.growth.tempo).toMatchObject({ training: 6, blending: 2, probation: 6, earliest: 2 });
    expect(origins.get('growth.tempo.training')).toBe('default');
    expect(origins.get('growth.tempo.blending')).toBe('my.yaml:2');
  });
});

describe('who wins', () => {
  const text = 'training:\n  epochs: 10\n  boundaryEpochs: 2\n';

  it('is the file over the defaults', () => {
    const { config, origins } = load(text);

    expect(config.training.epochs).toBe(10);
    expect(origins.get('training.epochs')).toBe('my.yaml:2');
  });

  it('is the environment over the file', () => {
    const { config, origins } = load(text, {
      env: { ESPER_TRAINING__EPOCHS: '20', ESPER_TRAINING__BOUNDARY_EPOCHS: '4', ESPER_SEED: '9' },
    });

    expect([config.training.epochs, config.training.boundaryEpochs, config.seed]).toEqual([20, 4, 9]);
    expect(origins.get('training.boundaryEpochs')).toBe('env:ESPER_TRAINING__BOUNDARY_EPOCHS');
  });

  it('is --set over everything, the last one over those before', () => {
    const { config, origins } = load(text, {
      env: { ESPER_TRAINING__EPOCHS: '20' },
      sets: ['training.epochs=30', 'training.epochs=40', 'host.hidden=[5, 3]', 'task.options.noise=0.1'],
    });

    expect(config.training.epochs).toBe(40);
    expect(config.host.hidden).toEqual([5, 3]);
    expect(config.task.options).toEqual({ noise: 0.1 });
    expect(origins.get('training.epochs')).toBe('--set');
  });

  it('leaves variables of the process alone', () => {
    const env = { ESPER_HOME: '/tmp/x', ESPER_DATA_DIR: '/data', PATH: '/bin' };

    expect(load('', { env }).config).toEqual(load('').config);
  });
});

describe('what is wrong', () => {
  it('is told all at once, each with its place and a way out', () => {
    const text = [
      'traning: { epochs: 3 }',
      'host:',
      '  hiden: [8]',
      '  hidden: eight',
      '  activation: rellu',
      'training:',
      '  epochs: 0',
      '  batch: most',
      '  goal: { metric: accuracy }',
      '',
    ].join('\n');

    expect(
      complaint(text, { env: { ESPER_GROWTH__CANDIDATE_POOL: 'many' }, sets: ['sed=1', 'seed'] }),
    ).toMatchInlineSnapshot(`
      "my.yaml:1:1: CONFIG_UNKNOWN_KEY no setting \`traning\` at the top
        did you mean training?
      my.yaml:3:3: CONFIG_UNKNOWN_KEY no setting \`hiden\` in host
        did you mean hidden?
      my.yaml:4:11: CONFIG_WRONG_TYPE host.hidden wants a list, each a whole number of 1 or more, got \`eight\`
      my.yaml:5:15: CONFIG_OUT_OF_RANGE host.activation wants one of linear, relu, tanh, sigmoid, gaussian, got \`rellu\`
        did you mean relu?
      my.yaml:7:11: CONFIG_OUT_OF_RANGE training.epochs wants a whole number of 1 or more, got 0
      my.yaml:8:10: CONFIG_WRONG_TYPE training.batch wants a whole number of 1 or more or \`all\`, got \`most\`
      my.yaml:9:9: CONFIG_MISSING training.goal needs \`value\`
        this setting has no default
      env:ESPER_GROWTH__CANDIDATE_POOL: CONFIG_WRONG_TYPE growth.candidatePool wants a whole number of 1 or more, got \`many\`
      --set: CONFIG_SYNTAX \`seed\` is not of the form key=value
        --set training.epochs=30
      --set: CONFIG_UNKNOWN_KEY no setting \`sed\` at the top
        did you mean seed?"
    `);
  });

  it('names both sides of a contradiction', () => {
    const text = 'host:\n  hidden: [8, 8]\ngrowth:\n  targetHidden: [32]\n';

    expect(complaint(text)).toMatchInlineSnapshot(`
      "my.yaml:4:17: CONFIG_CONTRADICTION growth.targetHidden: it has 1 layer, host.hidden has 2 layers
        give one width for each layer of host.hidden"
    `);
  });

  it.each([
    ['host: { outputActivation: tanh }', 'applies its own softmax'],
    ['growth: { targetHidden: [4] }', 'born with 8 units'],
    ['training: { goal: { metric: margin, value: 1 } }', 'targets of -1 and 1'],
    ['training: { goal: { metric: accuracy, value: 95 } }', 'a share from 0 to 1'],
    ['training: { epochs: 3, boundaryEpochs: 4 }', 'the run has 3 epochs'],
    ['training: { rate: { minimum: 1 } }', 'cannot fall to 1'],
    ['task: { validationRows: 0 }', 'there are none'],
    ['training: { epochs: 4 }\ngrowth: { tempo: { earliest: 4 } }', 'nothing can grow'],
    ['growth: { enabled: false }\nfaults: [{ kind: tamiyo_throws, atStep: 1 }]', 'growth is off'],
  ])('refuses %s', (text, reason) => {
    const message = complaint(text);

    expect(message).toContain('CONFIG_CONTRADICTION');
    expect(message).toContain(reason);
  });

  it.each([
    ['a: [', 'CONFIG_SYNTAX'],
    ['seed: 1\nseed: 2', 'my.yaml:2:1: CONFIG_DUPLICATE_KEY'],
    ['- just\n- a list', 'CONFIG_SYNTAX'],
    ['just words', 'CONFIG_SYNTAX'],
    ['seed: !!js/function "x"', 'CONFIG_SYNTAX'],
    ['__proto__: { seed: 2 }', 'CONFIG_UNKNOWN_KEY'],
    ['a: 1\n---\nb: 2', 'CONFIG_SYNTAX'],
  ])('is said of YAML like %j', (text, code) => {
    expect(complaint(text)).toContain(code);
  });

  it('includes aliases that would grow without bound', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const inner =
        level === 0
          ? '1'
          : Array(9)
              .fill(`*a${level - 1}`)
              .join(', ');
      return `x${level}: &a${level} [${inner}]`;
    });

    expect(complaint(levels.join('\n'))).toContain('too many or too deeply nested');
    expect(complaint('x: &a { y: *a }')).toContain('CONFIG_');
  });
});

describe('the configs that come with Esper', () => {
  it.each(['spirals', 'optdigits', 'mnist', 'cifar4k', 'faults'])('%s.yaml can run', (name) => {
    const file = `config/${name}.yaml`;
    const text = readFileSync(file, 'utf8');
    const { config } = loadConfig({ file, text });

    expect(config.name).toBe(name);
    expect(text.startsWith('# yaml-language-server: $schema=./esper.schema.json\n')).toBe(true);
  });

  it('rehearse every fault there is', () => {
    const text = readFileSync('config/faults.yaml', 'utf8');
    const { config } = loadConfig({ file: 'config/faults.yaml', text });

    expect(config.faults.map(({ kind }) => kind).sort()).toEqual([...FAULTS].sort());
  });
});
