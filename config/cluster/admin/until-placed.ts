/** Waits until what the steward has taken on is done, or is known to come to nothing: the answer then says which. */
import { type Done, EsperError } from '../../../contracts/index.ts';
import type { Assignment } from '../../../contracts/placement.ts';
import type { PlacementStatus } from '../../../contracts/placement-messages.ts';
import type { Clock } from '../../../runtime/index.ts';

/** Milliseconds between two looks. */
const LOOK_MS = 200;
/** Milliseconds that one look may take at least, and its share of what is left to wait. */
const LOOK_LEAST_MS = 2_500;
const LOOK_SHARE = 1 / 4;
const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+/;

export interface Waiting {
  readonly clock: Clock;
  /** Null while there is no steward that knows. */
  readonly status: (withinMs: number) => Promise<PlacementStatus | null>;
  readonly withinMs: number;
}

export interface Move {
  readonly unit: string;
  /** Where it ran when it was asked; empty when nobody ran it. */
  readonly from: string;
  readonly to: string;
  /** Somebody wants it there; otherwise anywhere else will do. */
  readonly named: boolean;
}

/** @throws UNIT_NOT_MOVED when it will not move, UNIT_MOVE_LATE when it may yet */
export async function untilMoved(move: Move, waiting: Waiting): Promise<Done> {
  const { unit, from, to, named } = move;
  let last: Assignment | undefined;
  const found = await watch(waiting, (status) => {
    last = status.units.find((one) => one.unit === unit);
    if (last?.state !== 'running') return undefined;
    if (last.node === to || (!named && last.node !== from)) return last;
    if (last.why !== '') throw notMoved(move, last);
    return undefined;
  });
  if (found === undefined) throw moveLate(move, last, waiting.withinMs);
  const whence = from === '' ? '' : ` from ${from}`;
  const { node, epoch } = found;
  return { done: `${unit} has moved${whence} to ${node}`, details: { unit, from, to: node, epoch } };
}

/** @throws NODE_DRAIN_LATE with what is left on it */
export async function untilEmpty(node: string, waiting: Waiting): Promise<Done> {
  const moved = new Set<string>();
  let gone = false;
  let left: readonly Assignment[] = [];
  const found = await watch(waiting, (status) => {
    const view = status.nodes.find(({ name }) => name === node);
    gone = view === undefined;
    const names = view?.units.map(({ unit }) => unit) ?? [];
    left = status.units.filter(({ unit }) => names.includes(unit));
    for (const { unit } of left) moved.add(unit);
    return names.length === 0 ? status.units : undefined;
  });
  if (found === undefined) throw drainLate(node, left, waiting.withinMs);
  return emptied(node, gone ? 'is not there any more' : 'is empty and gets nothing new', moved, found);
}

/**
 * For the node itself: it sees sooner than others that nothing is left on it, and goes then.
 * @param units that are on it now
 * @throws NODE_LEAVE_LATE with what is left on it
 */
export async function untilGone(
  node: string,
  units: () => readonly string[],
  { clock, status, withinMs }: Waiting,
): Promise<Done> {
  const moved = new Set<string>();
  const dueMs = clock.nowMs() + withinMs;
  for (let left = units(); left.length > 0; left = units()) {
    for (const unit of left) moved.add(unit);
    if (clock.nowMs() >= dueMs) throw leaveLate(node, left, await status(LOOK_LEAST_MS), withinMs);
    await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
  }
  return emptied(node, 'is empty and leaves', moved, (await status(LOOK_LEAST_MS))?.units ?? []);
}

/** @param now where units are, as far as somebody says */
function emptied(node: string, how: string, moved: ReadonlySet<string>, now: readonly Assignment[]): Done {
  const where = now.filter(({ unit }) => moved.has(unit)).map((one) => [one.unit, one.node] as const);
  const words = where.map(([unit, at]) => (at === '' ? `${unit} has no node yet` : `${unit} is on ${at}`));
  const news = words.length === 0 ? '' : `: ${words.join(', ')}`;
  return { done: `${node} ${how}${news}`, details: { node, units: Object.fromEntries(where) } };
}

/** Undefined when it was not so in time. */
async function watch<T>(
  { clock, status, withinMs }: Waiting,
  look: (status: PlacementStatus) => T | undefined,
): Promise<T | undefined> {
  const dueMs = clock.nowMs() + withinMs;
  for (;;) {
    const now = await status(Math.max(LOOK_LEAST_MS, (dueMs - clock.nowMs()) * LOOK_SHARE));
    const found = now === null ? undefined : look(now);
    if (found !== undefined || clock.nowMs() >= dueMs) return found;
    await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
  }
}

function notMoved({ unit, to }: Move, { node, why }: Assignment): EsperError {
  const code = CODE.exec(why)?.[0];
  const next = code === undefined ? `esper admin actors describe ${unit}` : `esper explain ${code}`;
  return new EsperError(
    'UNIT_NOT_MOVED',
    `${unit} stays on ${node}: ${why}`,
    { unit, node, to, why },
    { hint: `${next}, then move it again` },
  );
}

const moveLate = ({ unit, to }: Move, last: Assignment | undefined, withinMs: number): EsperError =>
  new EsperError(
    'UNIT_MOVE_LATE',
    `${unit} is not on ${to} after ${withinMs / 1_000} s: ${last === undefined ? 'no steward answers' : stateOf(last)}`,
    { unit, to, ...(last === undefined ? {} : { node: last.node, state: last.state, why: last.why }) },
    { retryable: true, hint: `it may still get there: esper admin actors describe ${unit}` },
  );

const drainLate = (node: string, left: readonly Assignment[], withinMs: number): EsperError =>
  new EsperError(
    'NODE_DRAIN_LATE',
    `${node} is not empty after ${withinMs / 1_000} s: ${left.length === 0 ? 'no steward answers' : left.map((one) => `${one.unit} ${stateOf(one)}`).join('; ')}`,
    { node, left: Object.fromEntries(left.map(({ unit, why }) => [unit, why])) },
    {
      retryable: true,
      hint: `it goes on: esper admin nodes says what is left; esper admin node uncordon ${node} takes it back`,
    },
  );

const leaveLate = (
  node: string,
  left: readonly string[],
  now: PlacementStatus | null,
  withinMs: number,
): EsperError => {
  const known = left.map((unit) => now?.units.find((one) => one.unit === unit) ?? { unit, why: '' });
  const words = known.map((one) => ('state' in one ? `${one.unit} ${stateOf(one)}` : one.unit));
  return new EsperError(
    'NODE_LEAVE_LATE',
    `${node} has not left after ${withinMs / 1_000} s: ${words.join('; ')}`,
    { node, left: Object.fromEntries(known.map(({ unit, why }) => [unit, why])) },
    {
      retryable: true,
      hint: `it leaves when it is empty; esper admin node uncordon ${node} keeps it`,
    },
  );
};

const stateOf = ({ state, node, why }: Assignment): string =>
  `is ${state}${node === '' ? '' : ` on ${node}`}${why === '' ? '' : ` (${why})`}`;
