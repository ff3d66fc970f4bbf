/** Every command of a cluster in one table: who may give it, what it needs, what it answers. */
import { type Static, type TProperties, type TSchema, Type } from '@sinclair/typebox';
import {
  ActorAnswer,
  ActorsAnswer,
  DeadLetterAnswer,
  DeadLettersAnswer,
  Done,
  NodesAnswer,
  SeedsAnswer,
  SettingsAnswer,
  StatusAnswer,
  TreeAnswer,
} from './admin-answers.ts';
import { AuditAnswer } from './admin-audit.ts';
import { ADMIN_WITHIN_S } from './admin-command.ts';
import type { AdminRole } from './admin-roles.ts';
import { NodeName, UnitName } from './placement.ts';
import { RunId, SeedId, SlotId } from './units.ts';

/** What a command does to the world. Only what changes it may be given a key against being carried out twice. */
type Effect = 'reads' | 'changes';
/** `any`: whichever node gets it. `node`: only the one it names, because it is about that node alone. */
type Where = 'any' | 'node';

const Reason = Type.Optional(Type.String({ maxLength: 500, description: 'for the audit' }));
const Run = Type.Optional(RunId);

const everybody = ['viewer', 'operator', 'trainer', 'admin', 'auditor'] as const;
const lookers = ['viewer', 'operator', 'trainer', 'admin'] as const;
const operators = ['operator', 'admin'] as const;
const trainers = ['trainer', 'admin'] as const;
const runners = ['operator', 'trainer', 'admin'] as const;

const verb = <const A extends TProperties, const R extends TSchema>(
  about: string,
  roles: readonly AdminRole[],
  [effect, where]: readonly [Effect, Where],
  args: A,
  answer: R,
) => ({
  about,
  roles,
  effect,
  where,
  args: Type.Object(args, { additionalProperties: false }),
  answer,
});

const read = ['reads', 'any'] as const;
const change = ['changes', 'any'] as const;
const readHere = ['reads', 'node'] as const;
const changeHere = ['changes', 'node'] as const;
const unit = { unit: UnitName, reason: Reason };
const node = { node: NodeName, reason: Reason };
/** Until then the answer waits for what was asked to be done; 0: it comes as soon as somebody has taken it on. */
const Within = Type.Optional(
  Type.Number({ minimum: 0, maximum: 300, description: 'seconds to wait for it to be done; 30 unless said' }),
);
const run = { run: Run, reason: Reason };
const Sequence = Type.Integer({ minimum: 1 });

export const ADMIN_VERBS = {
  status: verb('how the cluster is', everybody, read, {}, StatusAnswer),
  tree: verb('every supervision tree', lookers, read, {}, TreeAnswer),
  nodes: verb('the nodes and what they carry', lookers, read, {}, NodesAnswer),
  'actors-ls': verb('what is placed where', lookers, read, {}, ActorsAnswer),
  'actors-describe': verb('one placed unit', lookers, read, { unit: UnitName }, ActorAnswer),
  'actors-restart': verb('start a unit anew', operators, change, unit, Done),
  'actors-stop': verb('stop a unit', operators, change, unit, Done),
  'actors-move': verb(
    'move a unit, with its state',
    operators,
    change,
    { ...unit, to: Type.Optional(NodeName), within: Within },
    Done,
  ),
  'node-drain': verb('move everything off a node', operators, change, { ...node, within: Within }, Done),
  'node-cordon': verb('place nothing new on a node', operators, change, node, Done),
  'node-uncordon': verb('use a node again', operators, change, node, Done),
  'node-leave': verb(
    'let a node leave in order',
    operators,
    changeHere,
    { reason: Reason, within: Within },
    Done,
  ),
  'seeds-ls': verb('the seeds of a run', lookers, read, { run: Run }, SeedsAnswer),
  'seeds-germinate': verb(
    'plant a blueprint at the next boundary',
    trainers,
    change,
    {
      ...run,
      slotId: SlotId,
      blueprintId: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
      within: Within,
    },
    Done,
  ),
  'seeds-cull': verb(
    'take a seed out at the next boundary',
    trainers,
    change,
    { ...run, seedId: SeedId, within: Within },
    Done,
  ),
  'run-pause': verb('stop before the next step', runners, change, run, Done),
  'run-resume': verb('go on after a pause', runners, change, run, Done),
  'run-checkpoint': verb('write the newest boundary to disk', runners, change, run, Done),
  'run-rollback': verb(
    'go back to the newest boundary',
    trainers,
    change,
    { ...run, blame: Type.Optional(Type.Array(SeedId, { maxItems: 64 })), within: Within },
    Done,
  ),
  'dead-letters-ls': verb(
    'messages nobody could take',
    ['operator', 'admin', 'auditor'],
    read,
    { from: Type.Optional(Sequence), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })) },
    DeadLettersAnswer,
  ),
  'dead-letters-show': verb(
    'one of them, as it was',
    ['operator', 'admin', 'auditor'],
    read,
    { sequence: Sequence },
    DeadLetterAnswer,
  ),
  'dead-letters-replay': verb(
    'publish one again',
    operators,
    change,
    { sequence: Sequence, reason: Reason },
    Done,
  ),
  'dead-letters-purge': verb('forget all of them', ['admin'], change, { reason: Reason }, Done),
  'config-get': verb(
    'settings as they are',
    lookers,
    read,
    { key: Type.Optional(Type.String({ maxLength: 128 })) },
    SettingsAnswer,
  ),
  'config-set': verb(
    'change settings, all or none',
    ['admin'],
    change,
    {
      set: Type.Record(Type.String({ maxLength: 128 }), Type.Unknown(), {
        minProperties: 1,
        maxProperties: 64,
      }),
      reason: Reason,
      run: Run,
      within: Within,
    },
    Done,
  ),
  'log-level': verb(
    'how much a node logs',
    operators,
    changeHere,
    {
      level: Type.Union(['debug', 'info', 'warn', 'error'].map((level) => Type.Literal(level))),
      reason: Reason,
    },
    Done,
  ),
  'audit-tail': verb(
    'the newest lines of the audit of a node',
    ['auditor', 'admin'],
    readHere,
    { count: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })) },
    AuditAnswer,
  ),
} as const;

export type AdminVerb = keyof typeof ADMIN_VERBS;
export type AdminArgs<V extends AdminVerb> = Static<(typeof ADMIN_VERBS)[V]['args']>;
export type AdminAnswer<V extends AdminVerb> = Static<(typeof ADMIN_VERBS)[V]['answer']>;

export const isAdminVerb = (name: string): name is AdminVerb => Object.hasOwn(ADMIN_VERBS, name);

/** Seconds a command waits for what it asks to be done; 0 for one that does not wait. */
export function withinOf(name: AdminVerb, args: Readonly<Record<string, unknown>>): number {
  const { within = ADMIN_WITHIN_S } = args;
  return 'within' in ADMIN_VERBS[name].args.properties && typeof within === 'number' ? within : 0;
}

/** The first of the key's roles that the table gives this command to; none: refused. */
export const roleFor = (name: AdminVerb, roles: readonly AdminRole[]): AdminRole | undefined =>
  roles.find((role) => (ADMIN_VERBS[name].roles as readonly AdminRole[]).includes(role));
