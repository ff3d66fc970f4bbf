/** Nissa watches: she hears what everybody reports, counts it, and remembers the newest of it for those who ask. */
import type { StatusRequested } from '../../contracts/index.ts';
import type { Cx } from '../../runtime/index.ts';
import { accept, defineActor } from '../../runtime/local.ts';
import { emptyTrace, evolve, statusOf, type Trace } from './behaviour.ts';
import { measurementsOf, type News } from './measurements.ts';
import { type NissaOptions, nissaOptions } from './options.ts';

export type NissaMessage = News | StatusRequested;

export const nissa = defineActor<Trace, NissaMessage, News, Partial<NissaOptions>>({
  name: 'nissa',
  mailbox: { capacity: 4096, whenFull: 'refuse' },
  fresh: (_, options) => emptyTrace({ ...nissaOptions, ...options }.kept),
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
  },
  evolve,
});

/** Each piece of news is an event as it is; what it measures also goes to whoever scrapes. */
function watch(_: Trace, news: News, { metrics }: Cx<NissaMessage>) {
  for (const { kind, name, value, labels } of measurementsOf(news)) metrics[kind](name, value, labels);
  return accept<News>(undefined, news);
}
