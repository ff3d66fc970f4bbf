/** The report a run leaves beside its model: what was asked, what came of it. Pure. */
import type { RunConfig, RunEnded } from '../../contracts/index.ts';

export function reportMarkdown(runId: string, config: RunConfig, ended: RunEnded): string {
  const rows: readonly (readonly [string, string])[] = [
    ['outcome', ended.outcome.replace('_', ' ')],
    ['epochs', `${ended.epoch} of ${config.training.epochs}`],
    ['steps', `${ended.step}`],
    ['training loss', number(ended.trainingLoss)],
    ['validation loss', number(ended.validationLoss)],
    ['validation accuracy', percent(ended.validationAccuracy)],
    ['test loss', number(ended.testLoss)],
    ['test accuracy', percent(ended.testAccuracy)],
    ['parameters', `${ended.hostParametersAtBirth} at birth, ${ended.parameters} grown`],
    ['seeds', `${ended.germinated} germinated, ${ended.fossilized} fossilized, ${ended.culled} culled`],
    ['rollbacks', `${ended.rollbacks}`],
    ['steps lost', `${ended.disruptedSteps}`],
    ['training multiply-adds', ended.multiplyAdds.toExponential(3)],
    ['wall time', `${(ended.wallMs / 1000).toFixed(1)} s`],
  ];
  return [
    `# ${config.name}, run ${runId}`,
    '',
    '| what | value |',
    '|---|---|',
    ...rows.map(([what, value]) => `| ${what} | ${value} |`),
    '',
    `Why each seed was planted: \`esper decisions ${runId}\`. Every record: \`esper wal inspect ${runId}\`.`,
    '',
    '## Configuration',
    '',
    '```json',
    JSON.stringify(config, null, 2),
    '```',
  ].join('\n');
}

const number = (value: number | null) =>
  value === null ? 'not measured' : Number(value.toPrecision(5)).toString();
const percent = (share: number | null) => (share === null ? 'not measured' : `${(100 * share).toFixed(2)} %`);
