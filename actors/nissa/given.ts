/** What Nissa takes along when she moves: all that she remembers of the run, and what she has counted. */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import {
  AdaptationDecision,
  Count,
  Epoch,
  FieldReport,
  RunEvent,
  SeedState,
  TrainingProgress,
} from '../../contracts/index.ts';
import { type Checker, checkerOf } from '../../runtime/checker.ts';
import type { Trace } from './behaviour.ts';

const closed = { additionalProperties: false };
const Decision = Type.Object({ boundary: Count, epoch: Epoch, decision: AdaptationDecision }, closed);
const Figures = Type.Record(Type.String(), Type.Number());

/** Records of each kind that are believed at most, whoever gives them. */
const MOST = 10_000;
const newest = { maxItems: MOST };

export const NissaGiven = Type.Object(
  {
    events: Type.Array(RunEvent.schema, newest),
    decisions: Type.Array(Decision, newest),
    reports: Type.Array(FieldReport.schema, newest),
    progress: Type.Union([TrainingProgress.schema, Type.Null()]),
    seeds: Type.Array(SeedState),
    counters: Figures,
    gauges: Figures,
  },
  closed,
);
export type NissaGiven = Static<typeof NissaGiven>;

const checkers = {
  events: checkerOf(RunEvent.schema),
  decisions: checkerOf(Decision),
  reports: checkerOf(FieldReport.schema),
  progress: checkerOf(TrainingProgress.schema),
  seeds: checkerOf(SeedState),
  figures: checkerOf(Figures),
};

/** What she hears is not what it should be now and then: the next node would refuse all of it for that. */
export function packed(trace: Trace): Omit<Trace, 'kept'> {
  const { progress, counters, gauges } = trace;
  const figures = (all: Trace['counters']) => (checkers.figures.check(all) ? all : {});
  return {
    events: sound(trace.events, checkers.events),
    decisions: sound(trace.decisions, checkers.decisions),
    reports: sound(trace.reports, checkers.reports),
    progress: checkers.progress.check(progress) ? progress : null,
    seeds: sound(trace.seeds, checkers.seeds),
    counters: figures(counters),
    gauges: figures(gauges),
  };
}

const sound = <T>(records: readonly T[], checker: Checker<TSchema>): readonly T[] =>
  records.filter((record) => checker.check(record)).slice(-MOST);

/** Records that were not sound enough to go along. */
export const dropped = (trace: Trace, given: Omit<Trace, 'kept'>): number =>
  (['events', 'decisions', 'reports', 'seeds'] as const).reduce(
    (sum, kind) => sum + trace[kind].length - given[kind].length,
    0,
  );

/** @param kept as many records of each kind as are kept here */
export const unpacked = (given: NissaGiven, kept: number): Trace => {
  const { events, decisions, reports, ...rest } = given as Omit<Trace, 'kept'>;
  const newestOf = <T>(records: readonly T[]): readonly T[] => (kept === 0 ? [] : records.slice(-kept));
  return {
    ...rest,
    kept,
    events: newestOf(events),
    decisions: newestOf(decisions),
    reports: newestOf(reports),
  };
};
