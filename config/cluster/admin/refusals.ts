/** What the steward refuses, said so that a person knows why and what to do next. */
import { inOtherWords } from '../../../actors/admin/untouched.ts';
import { EsperError } from '../../../contracts/index.ts';

type Facts = Readonly<Record<string, unknown>>;
/** What it is about, and what to do; the table of codes knows the rest. */
type Sentence = (facts: Facts) => readonly [text: string, hint: string];

const list = (names: unknown): string => (Array.isArray(names) ? names.join(', ') : String(names ?? ''));
const LOOK = 'esper admin nodes';
const cannot =
  (why: string, hint = LOOK): Sentence =>
  ({ unit, node }) => [`${node} cannot have ${unit}: ${why}`, hint];

const SENTENCES: Readonly<Record<string, Sentence>> = {
  PLACEMENT_UNKNOWN_UNIT: ({ unit, known }) => [`the cluster has no unit ${unit}`, `it has ${list(known)}`],
  PLACEMENT_UNKNOWN_NODE: ({ node, known }) => [`no node ${node} is there`, `there are ${list(known)}`],
  PLACEMENT_NOWHERE_ELSE: ({ unit, why }) => [
    `no other node can have ${unit}${reasons(why)}`,
    'start a node that can, or uncordon one; esper admin actors describe says what the unit asks for',
  ],
  UNIT_ALREADY_THERE: ({ unit, node }) => [
    `${unit} is on ${node} already`,
    'without --to it moves to whoever offers best',
  ],
  UNIT_NOT_RUNNING: ({ unit, why }) => [
    `${unit} does not run now${why === undefined ? '' : `: ${why}`}`,
    `esper admin actors describe ${unit}; esper admin actors restart ${unit} starts what was stopped`,
  ],
  NODE_CORDONED: ({ node, unit }) => [
    `${node} takes nothing new, so it cannot have ${unit}`,
    `esper admin node uncordon ${node}`,
  ],
  NODE_UNREACHABLE: ({ node }) => [`${node} is silent for now`, LOOK],
  NODE_CANNOT_RUN: cannot('it has no code for it, or nothing to do with it'),
  NODE_NOT_THE_PIN: ({ node, unit, pin }) => [
    `${node} cannot have ${unit}: it is pinned to ${pin}`,
    'change the pin in the placement file, and raise its generation',
  ],
  NODE_LACKS_LABELS: ({ node, unit, missing }) => [
    `${node} cannot have ${unit}: it lacks the label ${list(missing)}`,
    'esper admin actors describe says which nodes are able',
  ],
  NODE_HAS_RIVALS: ({ node, unit, rivals }) => [
    `${node} cannot have ${unit}: it has ${list(rivals)}, which it must be apart from`,
    'move the other one first',
  ],
  NODE_LACKS_MEMORY: cannot('too little memory is free there'),
  NODE_LACKS_CORES: cannot('it has too few cores'),
  NODE_LACKS_GPUS: cannot('it has no free GPU'),
  NODE_STARVING: cannot(
    'what is there waits too long for its turn already',
    'try again when it has less to do',
  ),
  STEWARD_NOT_READY: () => ['the steward has just begun, or is about to end', 'ask again in a moment'],
};

const reasons = (why: unknown): string => {
  const found = typeof why === 'object' && why !== null ? Object.entries(why) : [];
  return found.length === 0 ? '' : `: ${found.map(([node, code]) => `${node} ${code}`).join(', ')}`;
};

/** The refusal under its own code where there is a sentence for it; anything else as it came. */
export function inOwnWords(thrown: unknown): unknown {
  if (!(thrown instanceof EsperError) || thrown.code !== 'ADMIN_TARGET_REFUSED') return thrown;
  const { refused, ...facts } = thrown.details as { refused?: unknown };
  const sentence = SENTENCES[String(refused)];
  if (sentence === undefined) return thrown;
  const [text, hint] = sentence(facts);
  return inOtherWords(thrown, new EsperError(String(refused), text, { ...facts }, { hint, cause: thrown }));
}
