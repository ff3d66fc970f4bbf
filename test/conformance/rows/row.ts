/** One thing a supervisor has to do, where it is written down first, and how much it matters. */

export type Section =
  | 'start'
  | 'stop'
  | 'administration'
  | 'restart types'
  | 'strategies'
  | 'tree'
  | 'significant'
  | 'counting'
  | 'restart loops'
  | 'change'
  | 'order, scale, reports'
  | 'additions';

/** `M`: must hold, a release without it is none; `S`: should hold. */
export type Level = 'M' | 'S';

export interface Row {
  /** Place in the supervisor suite of Erlang/OTP, 1 to 93; null for what Esper asks on top. */
  readonly number: number | null;
  /** The case's name there, so that both can be read side by side. */
  readonly name: string;
  readonly level: Level;
  readonly section: Section;
  /** What its test holds. */
  readonly asserts: string;
  /** Why Esper has nothing to test here. Rows of level M never have one. */
  readonly notApplicable?: string;
}

type Unplaced = Omit<Row, 'section'>;

export const must = (number: number | null, name: string, asserts: string): Unplaced => ({
  number,
  name,
  level: 'M',
  asserts,
});

export const should = (number: number, name: string, asserts: string): Unplaced => ({
  number,
  name,
  level: 'S',
  asserts,
});

export const section = (name: Section, rows: readonly Unplaced[]): readonly Row[] =>
  rows.map((row) => ({ ...row, section: name }));
