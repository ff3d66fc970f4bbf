/** `esper admin`: commands for a running cluster, signed with a key of the role that may give them. */
import { type Command, InvalidArgumentError } from 'commander';
import {
  ADMIN_VERBS,
  type AdminReply,
  type AdminVerb,
  EsperError,
  isAdminVerb,
  withinOf,
} from '../../contracts/index.ts';
import { type AdminOrder, type Ask, command, signedRequest } from '../admin/client.ts';
import { atHome, type DoorOptions, openDoor, signingRole } from '../admin/door.ts';
import { LEAVES, type Leaf } from '../admin/leaves.ts';
import { patience } from '../admin/patience.ts';
import type { Cli } from '../cli.ts';
import { adminText } from '../render/admin.ts';
import { table } from '../render/table.ts';
import { documentOf } from '../views/documents.ts';

/** Milliseconds between two looks. */
const LOOK_EVERY_MS = 2_000;
const HOME_AND_CLEAR = '\u001b[H\u001b[J';

interface LeafOptions extends DoorOptions {
  readonly node?: string;
  readonly reason?: string;
  readonly expectedEpoch?: number;
  readonly idempotencyKey?: string;
  readonly watch?: boolean;
  readonly within?: string;
}

export function admin(program: Command, cli: Cli): void {
  const group = program
    .command('admin')
    .description('command a running cluster')
    .option('--nats <url>', 'server of the cluster (NATS_URL; the one of this home; nats://127.0.0.1:4222)')
    .option('--keys <dir>', 'folder of keys (ESPER_KEYS; keys in the home unless said)')
    .option('--key <file>', 'sign with this key (ESPER_ADMIN_KEY)')
    .option('--as <role>', 'sign as this role; the narrowest that may unless said')
    .option('--cluster <name>', 'name of the cluster (that of this home, else esper)')
    .option('--timeout <seconds>', 'how long nodes may take to answer', '10');
  for (const leaf of LEAVES) plant(group, cli, leaf);
  sign(group, cli);
  verbs(group, cli);
}

/** Hangs a command below its groups, which are made when they are first needed. */
function plant(group: Command, cli: Cli, leaf: Leaf): void {
  const { words, verb, takes = [], options = [] } = leaf;
  const { about, effect, where } = ADMIN_VERBS[verb];
  const above = words.slice(0, -1).reduce((parent, word) => {
    const known = parent.commands.find((inner) => inner.name() === word);
    return known ?? parent.command(word).description(`commands about ${word}`);
  }, group);
  const made = above.command(words.at(-1) as string).description(about);
  for (const argument of takes) made.argument(argument);
  for (const [flags, text] of options) made.option(flags, text);
  if (where === 'node') made.requiredOption('--node <name>', 'the node it is about');
  else if (words[0] !== 'node') made.option('--node <name>', 'ask this node, not whichever answers first');
  if (leaf.waits) made.option('--within <seconds>', 'how long to wait until it is done', '30');
  if (leaf.watch) made.option('-w, --watch', 'look again every 2 seconds until interrupted');
  if (effect === 'changes') {
    made
      .option('--reason <text>', 'why, for the audit')
      .option('--expected-epoch <n>', 'only while it is in this epoch', wholeNumber)
      .option('--idempotency-key <key>', 'given twice, it is carried out once');
  }
  made.action(async (...given: unknown[]) => {
    const options = await atHome(cli, made.optsWithGlobals<LeafOptions>());
    await (options.watch ? watch : once)(
      cli,
      leaf,
      orderOf(leaf, given.slice(0, takes.length), options),
      options,
    );
  });
}

function wholeNumber(written: string): number {
  const value = Number(written);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('not a whole number');
}

function orderOf(leaf: Leaf, taken: readonly unknown[], options: LeafOptions): AdminOrder {
  const { reason, expectedEpoch, idempotencyKey, node, cluster } = options;
  const within = leaf.waits ? { within: secondsIn(options.within ?? '') } : {};
  const own = leaf.argsOf?.(taken, options as unknown as Record<string, unknown>);
  const args = { ...own, reason, ...within };
  return {
    cluster,
    verb: leaf.verb,
    node: leaf.words[0] === 'node' && ADMIN_VERBS[leaf.verb].where === 'any' ? null : (node ?? null),
    args: Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined)),
    ...(expectedEpoch === undefined ? {} : { expectedEpoch }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}

function secondsIn(written: string): number {
  const seconds = Number(written);
  if (written.trim() !== '' && seconds >= 0 && seconds <= 300) return seconds;
  throw new EsperError('CLI_USAGE', `no time to wait: ${written}`, {}, { hint: 'seconds, 300 at most' });
}

async function once(cli: Cli, leaf: Leaf, order: AdminOrder, options: DoorOptions): Promise<void> {
  await through(cli, leaf.verb, options, async (ask) => {
    const asked = leaf.waits ? patience(cli, order, ask) : ask(order);
    show(cli, leaf.verb, await asked);
  });
}

/** Redraws on a terminal; elsewhere each look follows the last, and with `--json` is a line. */
async function watch(cli: Cli, leaf: Leaf, order: AdminOrder, options: DoorOptions): Promise<void> {
  const { world, style } = cli;
  let over = false;
  let wake: () => void = () => {};
  const forget = world.onInterrupt(() => {
    over = true;
    wake();
  });
  try {
    await through(cli, leaf.verb, options, async (ask) => {
      while (!over) {
        const reply = await ask(order);
        if (cli.options.json) world.out.write(`${JSON.stringify(documentOfReply(leaf.verb, reply))}\n`);
        else {
          const text = adminText(leaf.verb, reply.result, style, world.out.columns);
          world.out.write(world.out.isTTY ? HOME_AND_CLEAR + cut(text, world.out.rows) : `${text}\n`);
        }
        if (over) break;
        await new Promise<void>((resolve) => {
          const cancel = world.clock.after(LOOK_EVERY_MS, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
    });
  } finally {
    forget();
  }
}

/** What fits a terminal of so many rows: the end would push the beginning out of sight. */
function cut(text: string, rows = Number.POSITIVE_INFINITY): string {
  const lines = text.split('\n');
  if (lines.length <= rows) return text;
  const room = Math.max(1, rows - 1);
  return [...lines.slice(0, room), `${lines.length - room} more lines; without --watch all are shown`].join(
    '\n',
  );
}

async function through(
  cli: Cli,
  verb: AdminVerb,
  options: DoorOptions,
  work: (ask: Ask) => Promise<void>,
): Promise<void> {
  const withinMs = timeoutOf(options);
  const { signer, role } = await signingRole(cli, options, verb);
  const broker = await openDoor(cli, options, role);
  try {
    await work((order, moreMs = 0) =>
      command(broker.services, order, signer, {
        wallMs: cli.world.clock.wallMs(),
        withinMs: withinMs + moreMs,
      }),
    );
  } finally {
    await broker.close();
  }
}

/** Milliseconds. @throws CLI_USAGE */
function timeoutOf({ timeout }: DoorOptions): number {
  const withinMs = Number(timeout) * 1_000;
  if (withinMs > 0 && withinMs <= 600_000) return withinMs;
  throw new EsperError('CLI_USAGE', `no time to wait: ${timeout}`, {}, { hint: 'seconds, 600 at most' });
}

const documentOfReply = (verb: AdminVerb, { node, request, again, result }: AdminReply) =>
  documentOf('AdminAnswer', { command: verb, node, request, again, result });

function show(cli: Cli, verb: AdminVerb, reply: AdminReply): void {
  const { out } = cli.world;
  cli.print(documentOfReply(verb, reply), () => adminText(verb, reply.result, cli.style, out.columns));
  if (reply.again) cli.note('it had been carried out before; this was the answer then');
}

function sign(group: Command, cli: Cli): void {
  const made = group
    .command('sign')
    .argument('<command>', 'as `esper admin verbs` names it')
    .argument('[args]', 'JSON object', '{}')
    .option('--node <name>', 'for this node alone')
    .description('the signed request alone, for `nats request`; good once, for a minute');
  made.action(async (verb: string, args: string) => {
    const options = await atHome(cli, made.optsWithGlobals<LeafOptions>());
    if (!isAdminVerb(verb)) throw unknownVerb(verb);
    const { signer } = await signingRole(cli, options, verb);
    const given = objectIn(args);
    const waitMs = timeoutOf(options) + withinOf(verb, given) * 1_000;
    const order = { cluster: options.cluster, node: options.node ?? null, verb, args: given, waitMs };
    cli.world.out.write(`${await signedRequest(order, signer, cli.world.clock.wallMs())}\n`);
  });
}

function verbs(group: Command, cli: Cli): void {
  group
    .command('verbs')
    .description('every command: who may give it, and the schema of its arguments')
    .action(() => {
      const list = Object.entries(ADMIN_VERBS).map(([name, { about, roles, effect, where, args }]) => {
        return { name, about, roles: [...roles], effect, where, args };
      });
      cli.print(documentOf('AdminVerbs', { verbs: list }), () =>
        table(
          [
            { title: 'command', of: ({ name }) => name },
            { title: 'about', of: ({ about }) => about },
            { title: 'roles', of: ({ roles }) => roles.join(' ') },
          ],
          list,
          cli.style,
        ),
      );
    });
}

const unknownVerb = (verb: string): EsperError =>
  new EsperError('CLI_USAGE', `there is no command ${verb}`, { verb }, { hint: 'esper admin verbs' });

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // said below: what was typed may be anything
  }
  throw new EsperError('CLI_USAGE', 'the arguments are no JSON object', {}, { hint: `'{"unit": "karn"}'` });
}
