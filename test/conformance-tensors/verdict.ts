/** What the answers come to: case by case and backend by backend, held against the reference. */
import { BACKENDS, type BackendName } from './backends.ts';
import { CASES } from './cases/index.ts';
import { SLOPE_TOLERANCE, TOLERANCE, worstError, worstSlope } from './error.ts';
import type { Exam } from './exam.ts';

export interface Finding {
  readonly group: string;
  readonly name: string;
  readonly pass: boolean;
  /** Largest error against the reference; null where there was no answer. */
  readonly error: number | null;
  /** Largest error against difference quotients; null except for gradients. */
  readonly slopeError: number | null;
  /** Blocks of memory that the case left behind; fails when they are more than on the reference. */
  readonly left: number;
  readonly why: string | null;
}

export interface Verdict {
  readonly name: BackendName;
  readonly purpose: string;
  /** It has to pass every case. */
  readonly required: boolean;
  readonly absent: string | null;
  readonly device: string | null;
  readonly passed: number;
  readonly findings: readonly Finding[];
}

/**
 * @param reference the exam of `cpu`
 * @param named it was asked for by name: then it has to pass, supported or not
 */
export function verdictOf(taken: Exam, reference: Exam, named: boolean): Verdict {
  const { purpose, supported } = BACKENDS.find(({ name }) => name === taken.name)!;
  const findings = taken.outcomes.map((outcome, at) => findingOf(outcome, reference.outcomes[at]!, at));
  const passed = findings.filter(({ pass }) => pass).length;
  const required = supported || named;
  const { absent, device } = taken;
  return { name: taken.name, purpose, required, absent, device, passed, findings };
}

type Outcome = Exam['outcomes'][number];

function findingOf(outcome: Outcome, reference: Outcome, at: number): Finding {
  const { group, name } = CASES[at]!;
  const failed = (why: string) => ({
    group,
    name,
    pass: false,
    error: null,
    slopeError: null,
    left: 0,
    why,
  });
  if (outcome.kind === 'failed') return failed(outcome.why);
  if (reference.kind === 'failed') return failed(`the reference has no answer: ${reference.why}`);
  const { tensors, left } = outcome.answer;
  const error = worstError(reference.answer.tensors, tensors);
  const slopeError = reference.slopes.length === 0 ? null : worstSlope(reference.slopes, tensors);
  const why =
    error > TOLERANCE
      ? `wrong by ${inWords(error)}`
      : slopeError !== null && slopeError > SLOPE_TOLERANCE
        ? `${inWords(slopeError)} off the difference quotient`
        : left > reference.answer.left
          ? `leaves ${left} block${left === 1 ? '' : 's'} of memory behind`
          : null;
  return { group, name, pass: why === null, error, slopeError, left, why };
}

export const inWords = (error: number) => (Number.isFinite(error) ? error.toExponential(1) : 'infinity');

/** Every required backend is there and passes every case. */
export const holds = (verdicts: readonly Verdict[]) =>
  verdicts.every(({ required, absent, passed }) => !required || (absent === null && passed === CASES.length));
