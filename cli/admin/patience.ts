/** Waits for the answer to a command that takes its time, and shows meanwhile where its units are. */

import { Value } from '@sinclair/typebox/value';
import { ActorsAnswer, type AdminReply } from '../../contracts/index.ts';
import type { Cli } from '../cli.ts';
import type { AdminOrder, Ask } from './client.ts';

/** Milliseconds between two looks. */
const LOOK_EVERY_MS = 1_000;

/** The answer, or what it failed with. A line to stderr for each change of a unit it is about; none with `--json`. */
export async function patience(cli: Cli, order: AdminOrder, ask: Ask): Promise<AdminReply> {
  const { clock } = cli.world;
  const { within = 0 } = order.args as { within?: number };
  let over = false;
  let wake: () => void = () => {};
  const answer = ask(order, within * 1_000).finally(() => {
    over = true;
    wake();
  });
  // Whoever awaits it hears of a failure; meanwhile it is nobody's mistake that it was not awaited yet.
  answer.catch(() => undefined);
  const progress = progressOf(order);
  while (!over && !cli.options.json && !cli.options.quiet) {
    await new Promise<void>((resolve) => {
      const cancel = clock.after(LOOK_EVERY_MS, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
    if (over) break;
    for (const line of await linesNow(cli, progress, order, ask)) cli.note(line);
  }
  return answer;
}

/** A look that fails shows nothing: the answer itself is what counts. */
async function linesNow(
  cli: Cli,
  progress: UnitProgress,
  { cluster }: AdminOrder,
  ask: Ask,
): Promise<readonly string[]> {
  try {
    const { result } = await ask({ cluster, node: null, verb: 'actors-ls', args: {} });
    return Value.Check(ActorsAnswer, result) ? progress.news(result) : [];
  } catch (thrown) {
    if (cli.options.verbose) cli.note(`no look at the units: ${String(thrown)}`);
    return [];
  }
}

function progressOf({ verb, node: asked, args }: AdminOrder): UnitProgress {
  const { unit, node } = args as { unit?: string; node?: string };
  return new UnitProgress(unit, verb === 'node-leave' && asked !== null ? asked : node);
}

/** Of the unit that moves, or of all that were on the node when they were first seen. */
class UnitProgress {
  readonly #node: string | undefined;
  readonly #about: Set<string>;
  readonly #told = new Map<string, string>();

  constructor(unit: string | undefined, node: string | undefined) {
    this.#node = node;
    this.#about = new Set(unit === undefined ? [] : [unit]);
  }

  news({ units }: ActorsAnswer): readonly string[] {
    for (const { unit, node } of units) if (node !== null && node === this.#node) this.#about.add(unit);
    return units
      .filter(({ unit }) => this.#about.has(unit))
      .flatMap(({ unit, node, state }) => {
        const line = `${unit}: ${state}${node === null ? '' : ` ${state === 'moving' ? 'to' : 'on'} ${node}`}`;
        const known = this.#told.get(unit);
        this.#told.set(unit, line);
        return known === line ? [] : [line];
      });
  }
}
