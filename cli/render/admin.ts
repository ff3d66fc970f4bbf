/** Answers of a cluster for people: narrow enough for a terminal of 80 columns. */
import type { AdminAnswer, AdminVerb, Done, TreeBranch } from '../../contracts/index.ts';
import { doneText } from './done.ts';
import { bytes, loss, moment, percent } from './numbers.ts';
import type { Style } from './style.ts';
import { type Column, pairs, table } from './table.ts';

type Renderers = { readonly [V in AdminVerb]?: (answer: AdminAnswer<V>, paint: Style) => string };

const orDash = (value: string | number | null): string => (value === null ? '-' : String(value));
const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('');
const rows =
  <Row>(columns: readonly Column<Row>[], none: string) =>
  (found: readonly Row[], paint: Style): string =>
    found.length === 0 ? `${none}\n` : table(columns, found, paint);

const stateOf = (state: string, paint: Style): string => {
  if (['up', 'running', 'ready', 'idle', 'active'].includes(state)) return paint.green(state);
  return ['dead', 'unreachable', 'crashed', 'failed'].includes(state)
    ? paint.red(state)
    : paint.yellow(state);
};

/** Characters of a date that nobody needs in a list of the newest. */
const YEAR = '2000-'.length;

const RENDERERS: Renderers = {
  status: (now, paint) =>
    pairs(
      [
        ['cluster', paint.bold(now.cluster)],
        [
          'steward',
          now.steward === null ? paint.red('none') : `${now.steward}, epoch ${orDash(now.stewardEpoch)}`,
        ],
        ['nodes', `${now.nodesUp} up${now.nodesAway > 0 ? paint.red(`, ${now.nodesAway} away`) : ''}`],
        [
          'units',
          `${now.unitsPlaced} placed${now.unitsWaiting > 0 ? paint.yellow(`, ${now.unitsWaiting} waiting`) : ''}`,
        ],
        ['dead letters', orDash(now.deadLetters)],
        ...now.runs.flatMap((run) => [
          ['run', `${run.runId} on ${run.node}`] as const,
          [
            '',
            `${run.paused ? paint.yellow('paused') : run.status}, epoch ${run.epoch} of ${run.epochs}, accuracy ${percent(run.accuracy)}, loss ${loss(run.loss)}`,
          ] as const,
        ]),
        ...now.warnings.map((text) => ['look at', paint.yellow(text)] as const),
      ],
      paint,
    ),
  nodes: ({ nodes }, paint) =>
    rows<(typeof nodes)[number]>(
      [
        { title: 'node', of: ({ node }) => node },
        { title: 'epoch', of: ({ epoch }) => String(epoch), right: true },
        {
          title: 'state',
          of: ({ state, cordoned }) => stateOf(state, paint) + (cordoned ? ' cordoned' : ''),
        },
        { title: 'load', of: ({ load }) => percent(load), right: true },
        { title: 'memory', of: ({ memory }) => (memory === null ? '-' : bytes(memory)), right: true },
        { title: 'units', of: ({ units }) => units.join(' ') },
      ],
      'no nodes',
    )(nodes, paint),
  tree: ({ nodes }, paint) =>
    nodes.map(({ node, root }) => `${paint.bold(node)}\n${branches(root, paint)}`).join('\n'),
  'actors-ls': ({ units }, paint) =>
    rows<(typeof units)[number]>(
      [
        { title: 'unit', of: ({ unit }) => unit },
        { title: 'node', of: ({ node }) => orDash(node) },
        { title: 'state', of: ({ state }) => stateOf(state, paint) },
        { title: 'epoch', of: ({ epoch }) => orDash(epoch), right: true },
        { title: 'restarts', of: ({ restarts }) => String(restarts), right: true },
      ],
      'nothing is placed',
    )(units, paint),
  'actors-describe': ({ facts, unit, node, state, epoch, restarts }, paint) =>
    pairs(
      [
        ['unit', paint.bold(unit)],
        ['node', orDash(node)],
        ['state', stateOf(state, paint)],
        ['epoch', orDash(epoch)],
        ['restarts', String(restarts)],
        ...Object.entries(facts).map(
          ([name, value]) => [name, value === null ? '-' : String(value)] as const,
        ),
      ],
      paint,
    ),
  'seeds-ls': ({ seeds }, paint) =>
    rows<(typeof seeds)[number]>(
      [
        { title: 'seed', of: ({ seedId }) => seedId },
        { title: 'slot', of: ({ slotId }) => slotId },
        { title: 'stage', of: ({ stage }) => stage },
        { title: 'alpha', of: ({ alpha }) => alpha.toFixed(2), right: true },
        { title: 'contribution', of: ({ contribution }) => loss(contribution), right: true },
        // last: names may be long, and a terminal is narrow
        { title: 'blueprint', of: ({ blueprintId }) => orDash(blueprintId) },
      ],
      'no seeds',
    )(seeds, paint),
  'dead-letters-ls': ({ total, letters }, paint) =>
    rows<(typeof letters)[number]>(
      [
        { title: 'number', of: ({ sequence }) => String(sequence), right: true },
        { title: 'died', of: ({ storedMs }) => moment(storedMs) },
        { title: 'bytes', of: (letter) => bytes(letter.bytes), right: true },
        { title: 'topic', of: ({ topic }) => topic },
        { title: 'reason', of: ({ reason }) => reason },
      ],
      'no dead letters',
    )(letters, paint) + (total > letters.length ? paint.dim(`${total} in all\n`) : ''),
  'dead-letters-show': ({ sequence, topic, reason, bytes: size, storedMs, headers, message }, paint) =>
    pairs(
      [
        ['number', paint.bold(String(sequence))],
        ['topic', topic],
        ['reason', reason],
        ['died', moment(storedMs)],
        ['size', bytes(size)],
        ...Object.entries(headers),
        ...(JSON.stringify(message, null, 2) ?? 'nothing that can be read')
          .split('\n')
          .map((line, at) => [at === 0 ? 'message' : '', line] as const),
      ],
      paint,
    ),
  'config-get': ({ settings }, paint) =>
    rows<(typeof settings)[number]>(
      [
        { title: 'key', of: ({ key }) => key },
        { title: 'value', of: ({ value }) => JSON.stringify(value) ?? '-' },
        { title: 'live', of: ({ live }) => (live ? 'yes' : 'no') },
        { title: 'about', of: ({ about }) => about },
      ],
      'no settings',
    )(settings, paint),
  'audit-tail': ({ entries }, paint) =>
    rows<(typeof entries)[number]>(
      [
        { title: 'nr', of: ({ seq }) => String(seq), right: true },
        { title: 'when', of: ({ atMs }) => moment(atMs).slice(YEAR) },
        { title: 'who', of: ({ who }) => who },
        { title: 'command', of: ({ verb }) => verb },
        { title: 'outcome', of: ({ outcome }) => (outcome === 'refused' ? paint.red(outcome) : outcome) },
        { title: 'why', of: ({ why }) => why },
      ],
      'nothing was commanded',
    )(entries, paint),
};

/** What a cluster answered, clipped to the terminal; text from afar can move no cursor. */
export function adminText(verb: AdminVerb, answer: unknown, paint: Style, columns: number): string {
  const tame = tamed(answer);
  const renderer = RENDERERS[verb] as ((answer: unknown, paint: Style) => string) | undefined;
  const text = renderer?.(tame, paint) ?? doneText(tame as Done, columns);
  return lines(
    text
      .trimEnd()
      .split('\n')
      .map((line) => clip(line, columns)),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are what must not get through
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

function tamed(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(CONTROL, '·');
  if (Array.isArray(value)) return value.map(tamed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name.replace(CONTROL, '·'), tamed(inner)]),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const PIECES = /\u001b\[[0-9;]*m|./gu;

/** Cut after so many columns, colours not counted and all of them kept. */
function clip(line: string, columns: number): string {
  let room = columns;
  return (line.match(PIECES) ?? []).filter((piece) => piece.startsWith('\u001b') || room-- > 0).join('');
}

function branches({ name, state, restarts, note, children }: TreeBranch, paint: Style, indent = ''): string {
  const facts = [
    stateOf(state, paint),
    restarts > 0 ? paint.yellow(`${restarts} restarts`) : '',
    note === '' ? '' : paint.dim(note),
  ];
  const below = children.map((child, at) => {
    const last = at === children.length - 1;
    return `${indent}${last ? '└─ ' : '├─ '}${branches(child, paint, indent + (last ? '   ' : '│  '))}`;
  });
  return `${name}  ${facts.filter((fact) => fact !== '').join(', ')}\n${below.join('')}`;
}
