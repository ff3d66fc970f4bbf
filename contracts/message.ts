/** A message is a name in the past or imperative tense, a version, and fields that are checked at every border. */
import { type Static, type TObject, type TProperties, type TSchema, Type } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';

/** A road from an older version of a message to the next one. Pure; never guesses what the old writer did not know. */
export type Upcast = (older: Record<string, unknown>) => Record<string, unknown>;

/** What arrived is not what the contract says. `path` names the field, `code` never changes. */
export class ContractError extends Error {
  readonly code = 'CONTRACT_VIOLATION';
  constructor(
    readonly contract: string,
    readonly path: string,
    readonly problem: string,
  ) {
    super(`${contract} at ${path || '/'}: ${problem}`);
    this.name = 'ContractError';
  }
}

type Body<T extends TProperties> = Static<TObject<T>>;

/** One kind of message: makes it, checks it, brings older versions up to date. */
export interface Contract<N extends string = string, T extends TProperties = TProperties> {
  readonly type: N;
  readonly v: number;
  readonly schema: TSchema;
  /** Stamps type and version on fields the compiler has already checked; no run-time validation. */
  of(fields: Body<T>): { readonly type: N; readonly v: number } & Body<T>;
  /**
   * Checks something received, lifting older versions first.
   * @throws ContractError naming the first offending field
   */
  parse(received: unknown): { readonly type: N; readonly v: number } & Body<T>;
}

export type MessageOf<C> =
  C extends Contract<infer N, infer T> ? { readonly type: N; readonly v: number } & Body<T> : never;

/**
 * Declares a contract. Version n does not load without a road from every version below it.
 *
 * @param type    `owner.noun.verb`, the name on the wire
 * @param v       1-based; raise it with every change of fields
 * @param fields  TypeBox schemas; unknown fields are refused
 * @param upcasts `{1: v1 => v2, ...}`
 */
export function message<const N extends string, const T extends TProperties>(
  type: N,
  v: number,
  fields: T,
  upcasts: Readonly<Record<number, Upcast>> = {},
): Contract<N, T> {
  for (let older = 1; older < v; older++) {
    if (!upcasts[older]) throw new Error(`${type}.v${v} has no upcast from version ${older}`);
  }
  const schema: TSchema = Type.Object(
    { type: Type.Literal(type), v: Type.Literal(v), ...fields },
    { additionalProperties: false, $id: `${type}.v${v}` },
  );
  // compiled at the first border a message crosses: most processes meet few of the contracts
  let checker: TypeCheck<TSchema> | null = null;
  const name = `${type}.v${v}`;
  return {
    type,
    v,
    schema,
    of: (body) => ({ type, v, ...body }),
    parse(received) {
      const lifted = lift(received, type, v, upcasts);
      checker ??= TypeCompiler.Compile(schema);
      if (!checker.Check(lifted)) {
        const first = checker.Errors(lifted).First();
        throw new ContractError(name, first?.path ?? '/', first?.message ?? 'not an object');
      }
      return lifted as never;
    },
  };
}

function lift(
  received: unknown,
  type: string,
  v: number,
  upcasts: Readonly<Record<number, Upcast>>,
): unknown {
  let current = received as Record<string, unknown>;
  if (typeof current !== 'object' || current === null || current.type !== type) return received;
  for (let from = current.v; typeof from === 'number' && from < v; from = current.v) {
    const road = upcasts[from];
    if (!road) throw new ContractError(`${type}.v${v}`, '/v', `no road from version ${from}`);
    const { type: _type, v: _v, ...older } = current;
    current = { type, ...road(older), v: from + 1 };
  }
  return current;
}
