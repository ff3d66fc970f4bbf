/** A schema's check, compiled when it is first used: most processes never meet most of what might arrive. */
import type { Static, TSchema } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';

export interface Checker<T extends TSchema> {
  check(value: unknown): value is Static<T>;
  /** Where it is wrong first, and how; for a value that did not pass. */
  firstError(value: unknown): { readonly path: string; readonly message: string } | undefined;
}

export function checkerOf<T extends TSchema>(schema: T): Checker<T> {
  let compiled: TypeCheck<T> | null = null;
  const check = (): TypeCheck<T> => {
    compiled ??= TypeCompiler.Compile(schema);
    return compiled;
  };
  return {
    check: (value): value is Static<T> => check().Check(value),
    firstError: (value) => check().Errors(value).First(),
  };
}
