/** A spec is checked before anything starts: one small function a field, one code a mistake. */
import { EsperError } from '../../contracts/failure.ts';
import { problemOfMailbox } from '../actor/mailbox-options.ts';
import { definitionOf } from './seed.ts';
import type { ChildSpec, PoolSpec, SupervisorSpec, WorkerSpec } from './spec.ts';

/** What is wrong, or null. */
type Check<T> = (spec: T) => string | null;

const unless = (holds: boolean, problem: string): string | null => (holds ? null : problem);
const oneOf = (value: unknown, ...allowed: readonly string[]): string | null =>
  unless(allowed.includes(value as string), `${String(value)} is none of ${allowed.join(', ')}`);
const whole = (value: unknown, least: number): boolean =>
  Number.isInteger(value) && (value as number) >= least;
const positive = (value: unknown): boolean => typeof value === 'number' && value > 0 && value < 2 ** 31;

/** A wait may also be without end. */
const patient = (value: unknown): boolean => positive(value) || value === Number.POSITIVE_INFINITY;
const WORD = /^[a-z0-9][a-z0-9_.-]{0,63}$/i;

const id: Check<ChildSpec> = (spec) =>
  unless(
    typeof spec.id === 'string' && WORD.test(spec.id),
    'an id is 1 to 64 letters, digits, ".", "_" or "-"',
  );

const restart: Check<ChildSpec> = (spec) => oneOf(spec.restart, 'permanent', 'transient', 'temporary');

const significant: Check<ChildSpec> = (spec) =>
  unless(
    typeof spec.significant === 'boolean' && !(spec.significant && spec.restart === 'permanent'),
    'a permanent child never ends for good, so it cannot be significant',
  );

const shutdown: Check<WorkerSpec> = ({ shutdown: how }) =>
  unless(how === 'brutal_kill' || patient(how?.withinMs), '{ withinMs: above 0 } or "brutal_kill"');

const startWithin: Check<WorkerSpec> = (spec) => unless(patient(spec.startWithinMs), 'milliseconds above 0');

const register: Check<WorkerSpec> = ({ register: name }) =>
  unless(name === null || WORD.test(name), 'a name is 1 to 64 letters, digits, ".", "_" or "-"');

const definition: Check<WorkerSpec> = (spec) => {
  const given = definitionOf(spec);
  return unless(
    typeof given?.fresh === 'function' && typeof given.decide === 'object' && given.decide !== null,
    'a definition has fresh and decide: make it with defineActor',
  );
};

const mailbox: Check<WorkerSpec> = (spec) => {
  const given = definitionOf(spec);
  return given?.mailbox === undefined ? null : problemOfMailbox(given.mailbox, given.rollback !== undefined);
};

const stash: Check<WorkerSpec> = (spec) => {
  const kept = definitionOf(spec)?.stash;
  return unless(kept === undefined || whole(kept, 0), 'messages put aside: a whole number from 0');
};

const handleWithin: Check<WorkerSpec> = (spec) => {
  const limit = definitionOf(spec)?.handleWithinMs;
  return unless(limit === undefined || positive(limit), 'milliseconds above 0');
};

/** What limits restarts, in a supervisor and in a pool. */
type Limited = SupervisorSpec | PoolSpec;

const strategy: Check<SupervisorSpec> = (spec) =>
  oneOf(spec.strategy, 'one_for_one', 'one_for_all', 'rest_for_one');

const intensity: Check<Limited> = (spec) =>
  unless(whole(spec.intensity, 0), 'restarts allowed: a whole number from 0');

const period: Check<Limited> = (spec) => unless(positive(spec.periodMs), 'milliseconds above 0');

const onFailure: Check<SupervisorSpec> = (spec) => oneOf(spec.onFailure, 'restart', 'rollback');

const checkpoints: Check<SupervisorSpec> = (spec) => unless(whole(spec.checkpoints, 1), 'at least 1');

const autoShutdown: Check<SupervisorSpec> = (spec) =>
  oneOf(spec.autoShutdown, 'never', 'any_significant', 'all_significant') ??
  unless(
    spec.autoShutdown !== 'never' || spec.children.every((child) => child?.significant !== true),
    'a significant child needs any_significant or all_significant',
  );

const backoff: Check<Limited> = ({ backoff: given }) => {
  if (given === null) return null;
  const { firstMs, maxMs, factor = 2, jitter = 0.5 } = given;
  const good = positive(firstMs) && positive(maxMs) && maxMs >= firstMs && factor >= 1;
  return unless(good && jitter >= 0 && jitter <= 1, '0 < firstMs <= maxMs, factor from 1, jitter 0 to 1');
};

const duplicateId: Check<SupervisorSpec> = ({ children }) => {
  const seen = new Set<string>();
  const twice = children.find((child) => seen.size === seen.add(child?.id).size);
  return twice === undefined ? null : `${twice.id} appears twice`;
};

const maxChildren: Check<PoolSpec> = (spec) => unless(whole(spec.maxChildren, 1), 'at least 1');

const template: Check<PoolSpec> = ({ template: given }) => {
  if (given?.kind !== 'worker') return 'a pool has one template, made with worker()';
  if (given.register !== null) return 'many children cannot share one name';
  return unless(!given.significant, 'a child of a pool cannot be significant');
};

const ofEach = { ID: id, RESTART: restart, SIGNIFICANT: significant };
const ofWorker = {
  SHUTDOWN: shutdown,
  START_WITHIN: startWithin,
  REGISTER: register,
  DEFINITION: definition,
  MAILBOX: mailbox,
  STASH: stash,
  HANDLE_WITHIN: handleWithin,
};
const ofLimited = { INTENSITY: intensity, PERIOD: period, BACKOFF: backoff };
const ofPool = { ...ofLimited, TEMPLATE: template, MAX_CHILDREN: maxChildren };
const ofSupervisor = {
  ...ofLimited,
  STRATEGY: strategy,
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

const notAChild = (path: string) =>
  new EsperError(
    'SPEC_INVALID_KIND',
    `${path}: a child is made with worker, supervisor or pool`,
    { path },
    { hint: `Correct ${path} in the tree.` },
  );

const wrongChildren = (path: string) =>
  new EsperError(
    'SPEC_INVALID_CHILDREN',
    `${path}: children is a list of specs`,
    { path },
    { hint: `Correct ${path} in the tree.` },
  );

/** Everything wrong with a tree, top to bottom; codes `SPEC_INVALID_...`. Fields nobody knows are let pass. */
export function problemsOf(spec: ChildSpec, parent = ''): readonly EsperError[] {
  const path = [parent, String(spec?.id)].filter((word) => word !== '').join('/');
  switch (spec?.kind) {
    case 'worker':
      return [...failing(ofEach, spec, path), ...failing(ofWorker, spec, path)];
    case 'pool': {
      const below = spec.template?.kind === 'worker' ? failing(ofWorker, spec.template, path) : [];
      return [...failing(ofEach, spec, path), ...failing(ofPool, spec, path), ...below];
    }
    case 'supervisor': {
      if (!Array.isArray(spec.children)) return [...failing(ofEach, spec, path), wrongChildren(path)];
      const below = spec.children.flatMap((child) => problemsOf(child, path));
      return [...failing(ofEach, spec, path), ...failing(ofSupervisor, spec, path), ...below];
    }
    default:
      return [notAChild(path)];
  }
}
