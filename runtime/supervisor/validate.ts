/** A spec is checked before anything starts: one small function a field, one code a mistake. */
import { EsperError } from '../../contracts/failure.ts';
import type { ChildSpec, SupervisorSpec, WorkerSpec } from './spec.ts';

/** What is wrong, or null. */
type Check<T> = (spec: T) => string | null;

const unless = (holds: boolean, problem: string): string | null => (holds ? null : problem);
const oneOf = (value: unknown, ...allowed: readonly string[]): string | null =>
  unless(allowed.includes(value as string), `${String(value)} is none of ${allowed.join(', ')}`);
const whole = (value: unknown, least: number): boolean =>
  Number.isInteger(value) && (value as number) >= least;
const positive = (value: unknown): boolean => typeof value === 'number' && value > 0 && value < 2 ** 31;

const id: Check<ChildSpec> = (spec) =>
  unless(/^[a-z0-9][a-z0-9_.-]{0,63}$/i.test(spec.id), 'an id is 1 to 64 letters, digits, ".", "_" or "-"');

const restart: Check<ChildSpec> = (spec) => oneOf(spec.restart, 'permanent', 'transient', 'temporary');

const significant: Check<ChildSpec> = (spec) =>
  unless(
    typeof spec.significant === 'boolean' && !(spec.significant && spec.restart === 'permanent'),
    'a permanent child never ends for good, so it cannot be significant',
  );

const shutdown: Check<WorkerSpec> = ({ shutdown: how }) =>
  unless(how === 'brutal_kill' || positive(how?.withinMs), '{ withinMs: above 0 } or "brutal_kill"');

const definition: Check<WorkerSpec> = ({ definition: given }) =>
  unless(
    typeof given?.fresh === 'function' && typeof given.decide === 'object' && given.decide !== null,
    'a definition has fresh and decide: make it with defineActor',
  );

const mailbox: Check<WorkerSpec> = ({ definition: given }) =>
  given?.mailbox === undefined
    ? null
    : unless(
        whole(given.mailbox.capacity, 1) && oneOf(given.mailbox.whenFull, 'refuse', 'park') === null,
        'capacity is a whole number from 1, whenFull is refuse or park',
      );

const strategy: Check<SupervisorSpec> = (spec) =>
  oneOf(spec.strategy, 'one_for_one', 'one_for_all', 'rest_for_one');

const intensity: Check<SupervisorSpec> = (spec) =>
  unless(whole(spec.intensity, 0), 'restarts allowed: a whole number from 0');

const period: Check<SupervisorSpec> = (spec) => unless(positive(spec.periodMs), 'milliseconds above 0');

const onFailure: Check<SupervisorSpec> = (spec) => oneOf(spec.onFailure, 'restart', 'rollback');

const checkpoints: Check<SupervisorSpec> = (spec) => unless(whole(spec.checkpoints, 1), 'at least 1');

const autoShutdown: Check<SupervisorSpec> = (spec) =>
  oneOf(spec.autoShutdown, 'never', 'any_significant', 'all_significant') ??
  unless(
    spec.autoShutdown !== 'never' || spec.children.every((child) => !child.significant),
    'a significant child needs any_significant or all_significant',
  );

const backoff: Check<SupervisorSpec> = ({ backoff: given }) => {
  if (given === null) return null;
  const { firstMs, maxMs, factor = 2, jitter = 0.5 } = given;
  const good = positive(firstMs) && positive(maxMs) && maxMs >= firstMs && factor >= 1;
  return unless(good && jitter >= 0 && jitter <= 1, '0 < firstMs <= maxMs, factor from 1, jitter 0 to 1');
};

const duplicateId: Check<SupervisorSpec> = ({ children }) => {
  const twice = children.find((child, i) => children.findIndex((other) => other.id === child.id) !== i);
  return twice === undefined ? null : `${twice.id} appears twice`;
};

const ofEach = { ID: id, RESTART: restart, SIGNIFICANT: significant };
const ofWorker = { SHUTDOWN: shutdown, DEFINITION: definition, MAILBOX: mailbox };
const ofSupervisor = {
  STRATEGY: strategy,
  INTENSITY: intensity,
  PERIOD: period,
  BACKOFF: backoff,
  ON_FAILURE: onFailure,
  CHECKPOINTS: checkpoints,
  AUTO_SHUTDOWN: autoShutdown,
  DUPLICATE_ID: duplicateId,
};

function failing<T extends ChildSpec>(checks: Record<string, Check<T>>, spec: T, path: string): EsperError[] {
  return Object.entries(checks).flatMap(([field, check]) => {
    const problem = check(spec);
    if (problem === null) return [];
    const code = `SPEC_INVALID_${field}`;
    return [new EsperError(code, `${path}: ${problem}`, { path }, { hint: `Correct ${path} in the tree.` })];
  });
}

/** Everything wrong with a tree, top to bottom; codes `SPEC_INVALID_...`. */
export function problemsOf(spec: ChildSpec, parent = ''): readonly EsperError[] {
  const path = parent === '' ? spec.id : `${parent}/${spec.id}`;
  const common = failing(ofEach, spec, path);
  if (spec.kind === 'worker') return [...common, ...failing(ofWorker, spec, path)];
  const below = spec.children.flatMap((child) => problemsOf(child, path));
  return [...common, ...failing(ofSupervisor, spec, path), ...below];
}
