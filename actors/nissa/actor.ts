/** Nissa watches: she hears what everybody reports, counts it, and remembers the newest of it for those who ask. */
import type { StatusRequested } from '../../contracts/index.ts';
import type { Cx } from '../../runtime/index.ts';
import { accept, defineActor } from '../../runtime/local.ts';
import type { Brought } from '../brought.ts';
import { givenAs, type StateWanted } from '../state-wanted.ts';
import { emptyTrace, evolve, statusOf, type Trace } from './behaviour.ts';
import { dropped, NissaGiven, packed, unpacked } from './given.ts';
import { measurementsOf, type News } from './measurements.ts';
import { type NissaOptions, nissaOptions } from './options.ts';

export type NissaMessage = News | StatusRequested | StateWanted;

export interface NissaArgs extends Partial<NissaOptions> {
  /** What she remembered on the node she came from. */
  readonly brought?: Brought;
}

export const nissa = defineActor<Trace, NissaMessage, News, NissaArgs>({
  name: 'nissa',
  mailbox: { capacity: 4096, whenFull: 'refuse' },
  fresh: (_, { brought, kept = nissaOptions.kept }) =>
    brought?.once((given) => unpacked(givenAs(NissaGiven, 'nissa', given), kept)) ?? emptyTrace(kept),
  decide: {
    'nissa.run_event.reported': watch,
    'tolaria.training.progressed': watch,
    'tolaria.state.gathered': watch,
    'tolaria.boundary.committed': watch,
    'tolaria.run.rolled_back': watch,
    'tolaria.fault.contained': watch,
    'tolaria.run.ended': watch,
    'tamiyo.field_report.issued': watch,
    'urabrask.kernel.characterized': watch,
    'innovation.blueprint.quarantined': watch,
    'oona.message.died': watch,
    'nissa.status.requested': (trace, { limit }) => accept(statusOf(trace, limit)),
    'unit.state.wanted': (trace, _, { log }) => {
      const given = packed(trace);
      const unsound = dropped(trace, given);
      if (unsound > 0) log.write('warn', 'records that are not what they should be stay behind', { unsound });
      return accept(given);
    },
  },
  evolve,
});

/** Each piece of news is an event as it is; what it measures also goes to whoever scrapes. */
function watch(_: Trace, news: News, { metrics }: Cx<NissaMessage>) {
  for (const { kind, name, value, labels } of measurementsOf(news)) metrics[kind](name, value, labels);
  return accept<News>(undefined, news);
}
