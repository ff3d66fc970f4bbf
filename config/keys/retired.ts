/** Keys that were replaced and still let somebody in: whose they are, and until when. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { EsperError, WallMs } from '../../contracts/index.ts';
import { KEY_PATHS } from './paths.ts';

const Retired = Type.Object(
  {
    v: Type.Literal(1),
    users: Type.Array(
      Type.Object(
        {
          /** Of the NATS server. */
          name: Type.String({ minLength: 1, maxLength: 128 }),
          publicKey: Type.String({ pattern: '^U[A-Z2-7]{55}$' }),
          untilMs: WallMs,
        },
        { additionalProperties: false },
      ),
      { maxItems: 4_096 },
    ),
  },
  { additionalProperties: false },
);
export type RetiredUser = Static<typeof Retired>['users'][number];

/** None where nothing was ever replaced. @throws KEYS_INVALID */
export async function readRetired(folder: string): Promise<readonly RetiredUser[]> {
  const path = `${folder}/${KEY_PATHS.retired}`;
  if (!existsSync(path)) return [];
  const value = jsonIn(await readFile(path, 'utf8'));
  if (Value.Check(Retired, value)) return value.users;
  throw new EsperError(
    'KEYS_INVALID',
    `${path} does not hold what was replaced`,
    { path },
    { hint: 'remove it: whoever has keys that were replaced is locked out then' },
  );
}

export const retiredText = (users: readonly RetiredUser[]): string =>
  `${JSON.stringify({ v: 1, users }, null, 2)}\n`;

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // whoever asked says what is wrong with it
  }
}
