/** The schema as people and editors see it: complete, described, and never older than the code. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { explain } from '../../config/explain.ts';
import { loadConfig } from '../../config/load.ts';
import { configSchema, settings } from '../../config/schema.ts';
import { schemaFile } from '../../config/schema-file.ts';

const loaded = loadConfig({ file: 'my.yaml', text: 'training:\n  epochs: 100\n' });

describe('the schema', () => {
  it('describes every setting and every section', () => {
    for (const [path, setting] of settings()) expect(setting.description?.length, path).toBeGreaterThan(15);
    for (const section of Object.values(configSchema.properties ?? {})) {
      expect(section.description).toBeTruthy();
    }
  });

  it('has a default for every setting whose default does not follow from the length of the run', () => {
    const without = [...settings()].filter(([, setting]) => setting.default === undefined);

    expect(without.every(([path]) => path.startsWith('growth.tempo.'))).toBe(true);
    expect(settings().size).toBeGreaterThan(45);
  });

  it('is what lies in config/esper.schema.json (npm run docs writes it)', () => {
    expect(readFileSync('config/esper.schema.json', 'utf8')).toBe(schemaFile());
  });
});

describe('explain', () => {
  it('tells what a setting means, may be, is, and who said so', () => {
    expect(explain('training.epochs', loaded)).toEqual({
      path: 'training.epochs',
      about: 'Times the run goes through the training rows.',
      wants: 'a whole number of 1 or more',
      default: 30,
      value: 100,
      origin: 'my.yaml:2',
      inside: [],
    });
  });

  it('lists what is inside a section', () => {
    expect(explain('training.rate', loaded).inside).toContain('training.rate.policy');
  });

  it('shows what the length of the run made of the tempo', () => {
    expect(explain('growth.tempo.training', loaded)).toMatchObject({ value: 6, origin: 'default' });
    expect(explain('growth.tempo.training', loaded)).not.toHaveProperty('default');
  });

  it('guesses at a misspelt setting', () => {
    expect(() => explain('training.epoch', loaded)).toThrowError(
      expect.objectContaining({ code: 'CONFIG_UNKNOWN_SETTING', hint: 'did you mean training.epochs?' }),
    );
  });
});
