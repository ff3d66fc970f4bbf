/** Karn's judgement: which plans are worth proposing now, given how earlier ones did in the field. */
import {
  type BlueprintIR,
  canonicalText,
  type FieldReport,
  type ProposalsWanted,
  type QuarantinedBlueprint,
} from '../../contracts/index.ts';
import { diversityTags } from './diversity.ts';
import type { KarnOptions } from './options.ts';

export interface Memory {
  /** Penalty by blueprint id; those not named have none. */
  readonly penalties: Readonly<Record<string, number>>;
  /** Run and boundary of the newest report: penalties fade when it changes. */
  readonly reportEpoch: string | null;
  readonly barred: ReadonlySet<string>;
}

export const noMemory: Memory = { penalties: {}, reportEpoch: null, barred: new Set() };

export type KarnEvent =
  | { readonly kind: 'epoch_reported'; readonly reportEpoch: string; readonly decay: number }
  | { readonly kind: 'penalized'; readonly blueprintId: string; readonly by: number }
  | { readonly kind: 'barred'; readonly blueprintId: string };

/** The blueprint was not to blame for these. */
const BLAMELESS: ReadonlySet<string | null> = new Set(['cancelled', 'run_ended', 'rolled_back']);

/** What a field report changes: old penalties fade once per boundary, a cull adds one. */
export function weigh(memory: Memory, report: FieldReport, options: KarnOptions): readonly KarnEvent[] {
  const events: KarnEvent[] = [];
  const reportEpoch = `${report.runId}:${report.endedBoundary}`;
  if (reportEpoch !== memory.reportEpoch) {
    events.push({ kind: 'epoch_reported', reportEpoch, decay: options.decay });
  }
  if (report.outcome === 'CULLED' && !BLAMELESS.has(report.cullReason)) {
    events.push({ kind: 'penalized', blueprintId: report.blueprintId, by: options.cullPenalty });
  }
  return events;
}

export function evolve(memory: Memory, event: KarnEvent): Memory {
  switch (event.kind) {
    case 'epoch_reported': {
      const faded = Object.entries(memory.penalties).map(([id, penalty]) => [id, penalty * event.decay]);
      return { ...memory, reportEpoch: event.reportEpoch, penalties: Object.fromEntries(faded) };
    }
    case 'penalized': {
      const penalty = (memory.penalties[event.blueprintId] ?? 0) + event.by;
      return { ...memory, penalties: { ...memory.penalties, [event.blueprintId]: penalty } };
    }
    case 'barred':
      return { ...memory, barred: new Set(memory.barred).add(event.blueprintId) };
  }
}

export interface Proposals {
  readonly proposed: readonly BlueprintIR[];
  /** Plans that would have fitted and were held back, with the reason. */
  readonly skipped: readonly QuarantinedBlueprint[];
}

/**
 * Chooses from the templates. A plan equal to an earlier one, whatever its name, is dropped without a word.
 * @param poisoned plans that a fault plan wants tested: they skip Karn's own judgement, nobody else's
 */
export function propose(
  memory: Memory,
  wanted: Pick<ProposalsWanted, 'families' | 'spans'>,
  templates: readonly BlueprintIR[],
  poisoned: readonly BlueprintIR[],
  options: KarnOptions,
): Proposals {
  const seen = new Set<string>();
  const proposed: BlueprintIR[] = [];
  const skipped: QuarantinedBlueprint[] = [];
  for (const template of templates) {
    if (!isWanted(template, wanted) || seen.has(canonicalText(template))) continue;
    seen.add(canonicalText(template));
    const reason = objection(memory, template, options);
    if (reason) skipped.push({ blueprintId: template.id, reasons: [reason] });
    else proposed.push(tagged(template));
  }
  return { proposed: [...proposed, ...poisoned.map(tagged)], skipped };
}

const tagged = (blueprint: BlueprintIR): BlueprintIR => ({
  ...blueprint,
  tags: [...diversityTags(blueprint)],
});

function isWanted(blueprint: BlueprintIR, { families, spans }: Pick<ProposalsWanted, 'families' | 'spans'>) {
  const family = families.length === 0 || families.includes(blueprint.family);
  return family && (spans.length === 0 || blueprint.spans.some((span) => spans.includes(span)));
}

function objection(memory: Memory, { id }: BlueprintIR, { skipAt }: KarnOptions): string | null {
  if (memory.barred.has(id)) return 'quarantined';
  return (memory.penalties[id] ?? 0) >= skipAt ? 'penalized_by_field_reports' : null;
}
