/** Carries out at a boundary what people commanded: settings first, then Tamiyo is asked for the rest as for ideas of its own. */
import {
  type AdaptationDecision,
  type CommandRefusal,
  RunCommanded,
  RunEvent,
  type SystemStatePacket,
  type TransitionRecord,
} from '../../contracts/index.ts';
import type { CandidateDraw } from '../../nn/index.ts';
import type { Granted, Moment, Wish } from '../triad.ts';
import type { Neighbours, TolariaArgs } from './deps.ts';
import { settingsRefused } from './live-settings.ts';
import type { Order } from './orders.ts';
import type { RunState } from './run-state.ts';

/** What of a boundary is needed to obey. */
export interface Here {
  readonly args: TolariaArgs;
  readonly state: RunState;
  readonly neighbours: Neighbours;
  readonly scoreRows: TolariaArgs['train'];
}

export interface Obeyed {
  /** The state as Tamiyo is to see it afterwards. */
  readonly packet: SystemStatePacket;
  readonly decisions: readonly AdaptationDecision[];
  /** For the journal, once Kasmina has said what became of the decisions. */
  records(transitions: readonly TransitionRecord[]): readonly RunCommanded[];
}

interface Said {
  readonly refused: CommandRefusal | null;
  readonly text: string;
}

/** Scores only when something is to be planted; without orders nothing is asked and nothing is spent. */
export async function obey(
  cx: Here,
  moment: Moment,
  packet: SystemStatePacket,
  orders: readonly Order[],
): Promise<Obeyed> {
  const set = new Map(orders.map((order) => [order.number, changed(cx, order)]));
  const wishes = orders.filter(isWish);
  const granted = wishes.length === 0 ? null : await granting(cx, packet, wishes);
  return {
    packet: granted?.packet ?? packet,
    decisions: granted?.decisions ?? [],
    records: (transitions) =>
      orders.map((order) => {
        const said = set.get(order.number) ?? became(order, granted, transitions);
        return commandedAt(order, moment, said);
      }),
  };
}

export const commandedAt = (
  { number, command, by }: Order,
  { boundary, epoch, step }: Pick<Moment, 'boundary' | 'epoch' | 'step'>,
  said: Said,
): RunCommanded => RunCommanded.of({ number, boundary, epoch, step, command, by, ...said });

/** What people who follow the run read about it. */
export function commandedEvent(runId: string, record: RunCommanded): RunEvent {
  const { epoch, step, by, refused, text, command } = record;
  return RunEvent.of({
    ...{ runId, epoch, step, level: 'notice', who: 'tolaria', what: 'commanded' },
    text: `by ${by.who}: ${refused === null ? text : `refused, ${text}`}`,
    details: { do: command.do, who: by.who, request: by.request, code: refused?.code ?? null },
  });
}

/** Writes the records down, and tells whoever gave the orders when they are on the disk. */
export function answer({ log, orders, publish, work }: TolariaArgs, records: readonly RunCommanded[]): void {
  if (records.length === 0) return;
  for (const record of records) publish(commandedEvent(work.runId, record));
  void log.confirm().then(() => {
    for (const { number, boundary, step, refused, text } of records)
      orders.settle({ number, boundary, step, refused, text });
  });
}

async function granting(
  { args, neighbours, scoreRows }: Here,
  packet: SystemStatePacket,
  wishes: readonly Wish[],
): Promise<Granted> {
  const draws = neighbours.tamiyo<readonly CandidateDraw[]>({ type: 'tamiyo.wished', packet, wishes });
  const scores = draws.length > 0 ? await args.work.plan.score(draws, scoreRows) : [];
  return neighbours.tamiyo<Granted>({ type: 'tamiyo.grant', packet, wishes, draws, scores });
}

/** All settings of an order, or none. Undefined when it is about something else. */
function changed({ args, state }: Here, { command }: Order): Said | undefined {
  if (command.do !== 'set') return undefined;
  const refused = settingsRefused(command.settings);
  if (refused !== null) return { refused, text: refused.message };
  const before = args.settings.now();
  state.settings = { ...state.settings, ...command.settings };
  args.settings.keep(state.settings);
  const text = Object.entries(command.settings).map(([key, now]) => `${key} ${now}, ${before[key]} before`);
  return { refused: null, text: text.join('; ') };
}

const isWish = (order: Order): order is Order & Wish =>
  order.command.do === 'germinate' || order.command.do === 'cull';

/** A decision that left no transition was refused by Kasmina: everything is as it was. */
function became({ number }: Order, granted: Granted | null, transitions: readonly TransitionRecord[]): Said {
  const answer = granted?.answers.find((one) => one.number === number);
  if (answer?.refused) return { refused: answer.refused, text: answer.refused.message };
  const decided = granted?.decisions.find(({ decisionId }) => decisionId === answer?.decisionId);
  const done = transitions.find(({ decisionId }) => decisionId === decided?.decisionId);
  if (done !== undefined) {
    const { seedId, slotId, blueprintId } = done;
    const text =
      done.to === 'CULLED'
        ? `${seedId} is taken out of ${slotId}`
        : `${blueprintId} planted as ${seedId} in ${slotId}`;
    return { refused: null, text };
  }
  const refused = refuse(
    'KASMINA_GATE_CLOSED',
    `the gates of ${decided?.slotId ?? 'its slot'} did not let ${decided?.seedId ?? 'it'} through`,
    'esper decisions tells what stands there; try again at a later boundary',
  );
  return { refused, text: refused.message };
}

const refuse = (code: string, message: string, hint: string): CommandRefusal => ({ code, message, hint });
