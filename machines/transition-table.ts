/** The seed lifecycle as two small tables of bytes, for the step loop: made from the machine, so they cannot disagree with it. */
import { initialTransition, transition } from 'xstate';
import { type GateResult, SEED_STAGES, type SeedStage, stageNumber } from '../contracts/index.ts';
import { GATE_OF, type SeedEvent, seedLifecycle } from './seed-lifecycle.ts';

/** Event names by number: the row index of the event table. */
export const SEED_EVENTS = [
  'wake',
  'germinate',
  'train',
  'blend',
  'shadow',
  'probation',
  'fossilize',
  'cull',
  'embargo',
  'reset',
  'rest',
  'terminate',
] as const satisfies readonly SeedEvent['type'][];

/** The answer for a step that is not allowed. */
export const ILLEGAL = 255;

const STAGES = SEED_STAGES.length;
const EVENTS = SEED_EVENTS.length;

/** 1 where the machine can go from `stage` to `to` in one step, at `stage * 12 + to`. */
export const legal = new Uint8Array(STAGES * STAGES);

/** Stage after an event, or `ILLEGAL`, at `(stage * 12 + event) * 2 + gatePassed`. */
const next = new Uint8Array(STAGES * EVENTS * 2).fill(ILLEGAL);

/** Position in `SEED_EVENTS`. */
export const eventNumber = (event: SeedEvent['type']): number => SEED_EVENTS.indexOf(event);

/**
 * Where a seed goes, all by number and without allocating.
 * @param gatePassed what the event's own gate said; ignored where none guards the step
 * @returns the next stage, or `ILLEGAL` (255): then the seed stays
 */
export function nextStage(stage: number, event: number, gatePassed: boolean): number {
  if (stage >= STAGES || event >= EVENTS) return ILLEGAL;
  return next[(stage * EVENTS + event) * 2 + (gatePassed ? 1 : 0)] ?? ILLEGAL;
}

/** True when the lifecycle has a step from one stage to the other. */
export const isLegal = (from: SeedStage, to: SeedStage): boolean =>
  legal[stageNumber(from) * STAGES + stageNumber(to)] === 1;

/** The event that leads from one stage to the other, undefined when there is no such step. */
export function eventBetween(from: SeedStage, to: SeedStage): SeedEvent['type'] | undefined {
  const [stage, target] = [stageNumber(from), stageNumber(to)];
  return SEED_EVENTS.find((_, event) => nextStage(stage, event, true) === target);
}

/** An event of a kind as the machine wants it, with the gate that belongs to it. */
function sample(type: SeedEvent['type'], passed: boolean): SeedEvent {
  const gate: GateResult = { gate: GATE_OF[type] ?? 'G0', passed, reasons: [], readings: {} };
  return { type, gate, reason: 'cancelled' } as SeedEvent;
}

function fill(): void {
  const [unborn] = initialTransition(seedLifecycle);
  for (const from of SEED_STAGES) {
    const seed = seedLifecycle.resolveState({ value: from, context: unborn.context });
    // most events mean nothing in most stages; asking for each of them takes ten times as long
    const { ownEvents = [] } = seedLifecycle.states[from] ?? {};
    for (const type of SEED_EVENTS.filter((event) => ownEvents.includes(event))) {
      for (const passed of [false, true]) {
        const [after] = transition(seedLifecycle, seed, sample(type, passed));
        if (after.value === from) continue;
        const to = stageNumber(after.value as SeedStage);
        next[(stageNumber(from) * EVENTS + eventNumber(type)) * 2 + Number(passed)] = to;
        legal[stageNumber(from) * STAGES + to] = 1;
      }
    }
  }
}
fill();
