/** What a contract promises to whoever sends and receives. */
import { Type } from '@sinclair/typebox';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, ContractError, contractOf, message } from '../../contracts/index.ts';
import { arbitraryOf } from '../support/arbitraries.ts';

const Grown = message(
  'test.thing.grown',
  3,
  {
    name: Type.String(),
    height: Type.Integer({ minimum: 0 }),
    leaves: Type.Array(Type.Object({ n: Type.Integer() })),
  },
  {
    1: (v1) => ({ ...v1, height: 0 }),
    2: (v2) => ({ ...v2, leaves: [] }),
  },
);

function problemOf(parse: () => unknown): ContractError {
  try {
    parse();
  } catch (thrown) {
    if (thrown instanceof ContractError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was refused');
}

describe('a contract', () => {
  it('does not load without a road from every older version', () => {
    expect(() => message('test.thing.grown', 3, {}, { 1: (v1) => v1 })).toThrow('no upcast from version 2');
  });

  it('lifts a message over all versions in between', () => {
    expect(Grown.parse({ type: 'test.thing.grown', v: 1, name: 'oak' })).toEqual({
      type: 'test.thing.grown',
      v: 3,
      name: 'oak',
      height: 0,
      leaves: [],
    });
  });

  it('leaves the message that it lifts as it was', () => {
    const old = Object.freeze({ type: 'test.thing.grown', v: 2, name: 'oak', height: 3 });

    expect(Grown.parse(old).leaves).toEqual([]);
    expect(old).toEqual({ type: 'test.thing.grown', v: 2, name: 'oak', height: 3 });
  });

  it.each([
    ['an unknown field', { name: 'oak', height: 1, leaves: [], colour: 'red' }, '/colour'],
    ['a missing field', { name: 'oak', leaves: [] }, '/height'],
    ['a wrong number', { name: 'oak', height: -1, leaves: [] }, '/height'],
    ['a number that is not finite', { name: 'oak', height: Number.NaN, leaves: [] }, '/height'],
    ['a wrong field deep inside', { name: 'oak', height: 1, leaves: [{ n: 1 }, { n: 'x' }] }, '/leaves/1/n'],
  ])('refuses %s and names its path', (_, fields, path) => {
    const problem = problemOf(() => Grown.parse({ type: 'test.thing.grown', v: 3, ...fields }));

    expect(problem.path).toBe(path);
    expect(problem.contract).toBe('test.thing.grown.v3');
    expect(problem.code).toBe('CONTRACT_VIOLATION');
  });

  it.each([
    ['from the future', { type: 'test.thing.grown', v: 4, name: 'oak', height: 1, leaves: [] }],
    ['from before the first version', { type: 'test.thing.grown', v: 0, name: 'oak' }],
    ['of another kind', { type: 'test.thing.felled', v: 3, name: 'oak', height: 1, leaves: [] }],
    ['that is no object', 'test.thing.grown'],
    ['that is null', null],
    ['that is a list', []],
  ])('refuses a message %s', (_, received) => {
    expect(() => Grown.parse(received)).toThrow(ContractError);
  });
});

describe('the catalogue', () => {
  it('holds every name once', () => {
    const names = CATALOGUE.map((contract) => contract.type);

    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('leyline.envelope.sent');
  });

  it('finds a contract by the name that a body carries', () => {
    expect(contractOf('tolaria.run.ended')?.v).toBe(1);
    expect(contractOf('nobody.knows.this')).toBeUndefined();
  });

  it.each(CATALOGUE.map((contract) => [contract.type, contract] as const))(
    '%s accepts what its schema describes',
    (_, contract) => {
      fc.assert(
        fc.property(arbitraryOf(contract), (sent) => {
          expect(contract.parse(sent)).toEqual(sent);
        }),
        { numRuns: 30 },
      );
    },
  );

  it.each(CATALOGUE.map((contract) => [contract.type, contract] as const))(
    '%s refuses a field nobody declared',
    (_, contract) => {
      const [sent] = fc.sample(arbitraryOf(contract), { numRuns: 1, seed: 7 });

      expect(problemOf(() => contract.parse({ ...sent, smuggled: 1 })).path).toBe('/smuggled');
    },
  );
});
