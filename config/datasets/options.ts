/** The options each data set understands, with their defaults; anything else is refused by name. */
import { type Static, type TObject, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { EsperError, type TaskConfig } from '../../contracts/index.ts';

const strict = { additionalProperties: false } as const;
const Rows = (rows: number, description: string) => Type.Integer({ minimum: 2, default: rows, description });
const Width = (width: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 4096, default: width, description });
const Seed = Type.Optional(
  Type.Integer({ minimum: 0, description: "draws the data; the run's own seed when absent" }),
);
const Pool = Type.Integer({
  minimum: 1,
  maximum: 32,
  default: 1,
  description: 'side of the squares whose mean becomes one pixel; 1 keeps images as they are',
});
const Scaling = Type.Union([Type.Literal('standard'), Type.Literal('none')], {
  default: 'standard',
  description: '`standard`: every input to mean 0 and deviation 1, by the training rows',
});
const TestShare = Type.Number({
  exclusiveMinimum: 0,
  exclusiveMaximum: 1,
  default: 0.2,
  description: 'share of the rows, drawn by the seed, kept for the test',
});

export const DATASET_OPTIONS = {
  'two-spirals': Type.Object({}, strict),
  parity: Type.Object(
    {
      bits: Type.Integer({ minimum: 1, maximum: 16, default: 8, description: 'inputs' }),
      fraction: Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        default: 1,
        description: 'share of all cases to train on; the rest is the test. 1 trains and tests on all',
      }),
      seed: Seed,
    },
    strict,
  ),
  moons: Type.Object(
    {
      rows: Rows(1000, 'rows for training and validation'),
      testRows: Rows(1000, 'rows for the test'),
      noise: Type.Number({ minimum: 0, default: 0.1, description: 'deviation added to both coordinates' }),
      seed: Seed,
    },
    strict,
  ),
  'teacher-student': Type.Object(
    {
      inputs: Width(10, 'inputs'),
      hidden: Width(10, 'hidden units of the teacher'),
      outputs: Width(10, 'outputs'),
      rows: Rows(1000, 'rows for training and validation, and again for the test'),
      seed: Seed,
    },
    strict,
  ),
  mnist: Type.Object({ pool: Pool }, strict),
  'fashion-mnist': Type.Object({ pool: Pool }, strict),
  cifar10: Type.Object({ pool: Pool }, strict),
  optdigits: Type.Object({}, strict),
  iris: Type.Object({ scaling: Scaling, testShare: TestShare, seed: Seed }, strict),
  csv: Type.Object(
    {
      file: Type.String({ minLength: 1, description: 'path of the table, absolute or in a data folder' }),
      testFile: Type.Optional(
        Type.String({ minLength: 1, description: 'a table of its own for the test; else `testShare`' }),
      ),
      target: Type.Union([Type.String(), Type.Integer({ minimum: 0 })], {
        default: 'last',
        description: 'column of the answer: name, 0-based number or `last`',
      }),
      kind: Type.Union([Type.Literal('classes'), Type.Literal('values')], { default: 'classes' }),
      header: Type.Union([Type.Literal('auto'), Type.Boolean()], { default: 'auto' }),
      delimiter: Type.String({ minLength: 1, maxLength: 1, default: ',' }),
      scale: Type.Number({ default: 1, description: 'inputs are multiplied by this, before `scaling`' }),
      scaling: Scaling,
      testShare: TestShare,
      seed: Seed,
    },
    strict,
  ),
} as const;

/**
 * Checks a task's options and fills in the defaults.
 *
 * @throws DATA_BAD_OPTION naming the option, what is wrong, and the options there are
 */
export function readOptions<Schema extends TObject>(schema: Schema, task: TaskConfig): Static<Schema> {
  const options = Value.Default(schema, { ...task.options });
  if (Value.Check(schema, options)) return options;
  const wrong = Value.Errors(schema, options).First();
  const option = wrong?.path.slice(1) ?? '';
  const known = Object.keys(schema.properties);
  throw new EsperError(
    'DATA_BAD_OPTION',
    `${task.dataset}: option '${option}': ${wrong?.message}`,
    { dataset: task.dataset, option, value: wrong?.value, known },
    {
      hint:
        known.length > 0
          ? `Options of ${task.dataset}: ${known.join(', ')}.`
          : `${task.dataset} has no options.`,
    },
  );
}
