/** The words a person types for each command of a cluster, and the arguments they become. */
import type { AdminVerb } from '../../contracts/index.ts';

export interface Leaf {
  /** Below `esper admin`. */
  readonly words: readonly string[];
  readonly verb: AdminVerb;
  /** Positional arguments, in order: `<needed>`, `[optional]`, `<many...>`. */
  readonly takes?: readonly string[];
  readonly options?: readonly (readonly [flags: string, about: string])[];
  /** Can be looked at again and again. */
  readonly watch?: boolean;
  /** Its answer comes when it is done, or `--within` is over; meanwhile people see where its units are. */
  readonly waits?: boolean;
  /** @param taken positional arguments; @param options as commander names them */
  argsOf?(taken: readonly unknown[], options: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

type Options = Readonly<Record<string, unknown>>;
const named =
  (...names: readonly string[]) =>
  (taken: readonly unknown[], options: Options): Record<string, unknown> =>
    Object.fromEntries(names.map((name, at) => [name, taken[at] ?? options[name]]));
const run = [['--run <id>', 'which run; the only one unless said']] as const;
const ofRun =
  (...names: readonly string[]) =>
  (taken: readonly unknown[], options: Options) => ({ ...named(...names)(taken, options), run: options.run });
const numbers =
  (...names: readonly string[]) =>
  (taken: readonly unknown[], options: Options) =>
    Object.fromEntries(
      Object.entries(named(...names)(taken, options)).map(([name, value]) => [
        name,
        value === undefined ? undefined : Number(value),
      ]),
    );

export const LEAVES: readonly Leaf[] = [
  { words: ['status'], verb: 'status', watch: true },
  { words: ['tree'], verb: 'tree', watch: true },
  { words: ['nodes'], verb: 'nodes', watch: true },
  { words: ['actors', 'ls'], verb: 'actors-ls', watch: true },
  { words: ['actors', 'describe'], verb: 'actors-describe', takes: ['<unit>'], argsOf: named('unit') },
  { words: ['actors', 'restart'], verb: 'actors-restart', takes: ['<unit>'], argsOf: named('unit') },
  { words: ['actors', 'stop'], verb: 'actors-stop', takes: ['<unit>'], argsOf: named('unit') },
  {
    words: ['actors', 'move'],
    verb: 'actors-move',
    takes: ['<unit>'],
    options: [['--to <node>', 'where to; whoever offers best unless said']],
    waits: true,
    argsOf: ([unit], { to }) => ({ unit, to }),
  },
  {
    words: ['node', 'drain'],
    verb: 'node-drain',
    takes: ['<node>'],
    waits: true,
    argsOf: ([node]) => ({ node }),
  },
  { words: ['node', 'cordon'], verb: 'node-cordon', takes: ['<node>'], argsOf: ([node]) => ({ node }) },
  { words: ['node', 'uncordon'], verb: 'node-uncordon', takes: ['<node>'], argsOf: ([node]) => ({ node }) },
  { words: ['node', 'leave'], verb: 'node-leave', waits: true },
  { words: ['seeds', 'ls'], verb: 'seeds-ls', options: run, watch: true, argsOf: ofRun() },
  {
    words: ['seeds', 'germinate'],
    verb: 'seeds-germinate',
    takes: ['[slot]', '[blueprint]'],
    options: [
      ['--slot <slot>', 'where'],
      ['--blueprint <blueprint>', 'what; the one that scores best there unless said'],
      ...run,
    ],
    waits: true,
    argsOf: ([slot, blueprint], options) => ({
      slotId: slot ?? options.slot,
      blueprintId: blueprint ?? options.blueprint,
      run: options.run,
    }),
  },
  {
    words: ['seeds', 'cull'],
    verb: 'seeds-cull',
    takes: ['[seed]'],
    options: [['--seed <seed>', 'which'], ...run],
    waits: true,
    argsOf: ([seed], options) => ({ seedId: seed ?? options.seed, run: options.run }),
  },
  { words: ['run', 'pause'], verb: 'run-pause', options: run, argsOf: ofRun() },
  { words: ['run', 'resume'], verb: 'run-resume', options: run, argsOf: ofRun() },
  { words: ['run', 'checkpoint'], verb: 'run-checkpoint', options: run, argsOf: ofRun() },
  {
    words: ['run', 'rollback'],
    verb: 'run-rollback',
    options: [['--blame <seed...>', 'seeds to take out on the way, and to quarantine'], ...run],
    waits: true,
    argsOf: (_, { blame, run: id }) => ({ blame, run: id }),
  },
  {
    words: ['dead-letters', 'ls'],
    verb: 'dead-letters-ls',
    options: [
      ['--from <sequence>', 'first one to show'],
      ['--limit <n>', 'how many, 200 at most'],
    ],
    argsOf: (_, options) => numbers('from', 'limit')([], options),
  },
  {
    words: ['dead-letters', 'show'],
    verb: 'dead-letters-show',
    takes: ['<sequence>'],
    argsOf: numbers('sequence'),
  },
  {
    words: ['dead-letters', 'replay'],
    verb: 'dead-letters-replay',
    takes: ['<sequence>'],
    argsOf: numbers('sequence'),
  },
  { words: ['dead-letters', 'purge'], verb: 'dead-letters-purge' },
  { words: ['config', 'get'], verb: 'config-get', takes: ['[key]'], argsOf: ([key]) => ({ key }) },
  {
    words: ['config', 'set'],
    verb: 'config-set',
    takes: ['<key=value...>'],
    options: run,
    waits: true,
    argsOf: ([pairs], options) => ({
      set: Object.fromEntries((pairs as readonly string[]).map(setting)),
      run: options.run,
    }),
  },
  { words: ['log-level'], verb: 'log-level', takes: ['<level>'], argsOf: ([level]) => ({ level }) },
  {
    words: ['audit', 'tail'],
    verb: 'audit-tail',
    options: [['--count <n>', 'how many lines, 200 at most']],
    argsOf: (_, options) => numbers('count')([], options),
  },
];

/** `key=value`; the value as JSON where it is some, else as it was typed. */
function setting(written: string): readonly [string, unknown] {
  const at = written.indexOf('=');
  if (at < 1) return [written, null];
  const value = written.slice(at + 1);
  try {
    return [written.slice(0, at), JSON.parse(value)];
  } catch {
    return [written.slice(0, at), value]; // a bare word
  }
}
