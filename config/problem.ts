/** What is wrong with a config: every problem with its place, its reason and what to write instead, all at once. */
import { EsperError } from '../contracts/index.ts';

export type ProblemCode =
  | 'CONFIG_SYNTAX'
  | 'CONFIG_DUPLICATE_KEY'
  | 'CONFIG_UNKNOWN_KEY'
  | 'CONFIG_WRONG_TYPE'
  | 'CONFIG_OUT_OF_RANGE'
  | 'CONFIG_MISSING'
  | 'CONFIG_CONTRADICTION'
  | 'PLACEMENT_NO_NODES'
  | 'PLACEMENT_NODE_TWICE'
  | 'PLACEMENT_UNKNOWN_UNIT'
  | 'PLACEMENT_UNKNOWN_ACTOR'
  | 'PLACEMENT_UNKNOWN_NODE'
  | 'PLACEMENT_UNKNOWN_LABEL'
  | 'PLACEMENT_ACTOR_TWICE'
  | 'PLACEMENT_TRIAD_SPLIT'
  | 'PLACEMENT_PIN_MISFIT'
  | 'PLACEMENT_NOWHERE'
  | 'PLACEMENT_NEEDS_TOO_MUCH'
  | 'PLACEMENT_WARM_TOO_MANY'
  | 'PLACEMENT_NEAR_ITSELF'
  | 'PLACEMENT_NEAR_AND_APART'
  | 'PLACEMENT_SPREAD_IMPOSSIBLE';

/** Where a value came from; `line` and `column` are 1-based and belong to files. */
export interface Origin {
  readonly kind: 'default' | 'file' | 'env' | 'set';
  /** `default`, the file's name, `env:NAME` or `--set`. */
  readonly label: string;
  readonly line?: number;
  readonly column?: number;
}

export interface Problem {
  readonly code: ProblemCode;
  readonly path: string;
  readonly at: Origin;
  /** What is wrong, without the place. */
  readonly text: string;
  /** What to do about it. */
  readonly hint: string;
}

/** `runs/a.yaml:3:5`, `env:ESPER_SEED`, `--set`. */
export const place = (at: Origin): string =>
  at.line === undefined ? at.label : `${at.label}:${at.line}:${at.column ?? 1}`;

/** One problem as people read it: place, code, what, and on a second line what to do. */
export const describe = (problem: Problem): string =>
  `${place(problem.at)}: ${problem.code} ${problem.text}${problem.hint ? `\n  ${problem.hint}` : ''}`;

/** A config with at least one problem. The message holds them all, one or two lines each. */
export class ConfigInvalid extends EsperError {
  constructor(readonly problems: readonly Problem[]) {
    super(
      'CONFIG_INVALID',
      problems.map(describe).join('\n'),
      { problems },
      { hint: 'esper config explain <setting> tells what a setting means and may be' },
    );
    this.name = 'ConfigInvalid';
  }
}
