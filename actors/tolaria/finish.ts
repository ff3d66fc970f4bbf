/** The end of a run: the test rows are read for the first and only time, and what was grown is written for others to use. */
import { RunEnded } from '../../contracts/index.ts';
import { exportModel, type LayersExport } from '../../nn/index.ts';
import { encodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import type { Disk } from '../../runtime/index.ts';
import type { TolariaArgs } from './deps.ts';
import { reportMarkdown } from './report.ts';
import { sideBySide } from './side-by-side.ts';
import type { LoopEnd, Trainer } from './trainer.ts';

export interface Finished {
  readonly ended: RunEnded;
  readonly files: Files;
}

/** Saves the newest boundary, judges on the test rows unless interrupted, writes model and report, closes the journal. */
export async function finish(
  trainer: Trainer,
  args: TolariaArgs,
  end: Exclude<LoopEnd, 'aborted'>,
): Promise<Finished> {
  args.orders.close();
  const judged = async () => (end === 'interrupted' ? null : args.work.plan.evaluate(args.test));
  const [, test] = await sideBySide([trainer.save(), judged()]);
  const { state, scars } = trainer;
  const ended = RunEnded.of({
    outcome: end,
    epoch: Math.floor(state.step / args.work.stepsPerEpoch),
    step: state.step,
    trainingLoss: state.trainingLoss,
    validationLoss: state.validationLoss,
    validationAccuracy: state.validationAccuracy,
    testLoss: test?.loss ?? null,
    testAccuracy: test?.accuracy ?? null,
    hostParametersAtBirth: args.hostParametersAtBirth,
    parameters: args.work.network.parameterCount().total,
    germinated: state.germinated,
    fossilized: state.fossilized,
    culled: state.culled,
    rollbacks: scars.rollbacks,
    disruptedSteps: state.step - trainer.stepsCommitted,
    multiplyAdds: scars.spent,
    wallMs: Math.max(0, args.clock.wallMs() - trainer.startedAtWallMs),
  });
  const files = end === 'interrupted' ? {} : await writeAll(args, ended);
  args.log.append(ended);
  await args.log.close();
  trainer.life.settle(end === 'interrupted');
  return { ended, files };
}

type Files = Readonly<Record<string, string>>;

async function writeAll(args: TolariaArgs, ended: RunEnded): Promise<Files> {
  const [report, model] = await sideBySide([writeReport(args, ended), writeModel(args)]);
  return { ...model, ...report };
}

/** safetensors for everybody, a graph that says what the tensors mean, and a tfjs LayersModel where one can express it. */
async function writeModel({ work, disk, folder }: TolariaArgs): Promise<Files> {
  const { tensors, graph, layersModel } = await exportModel(work.network);
  const home = `${folder}/model`;
  await disk.folder(home);
  const files = { safetensors: `${home}/model.safetensors`, graph: `${home}/graph.json` };
  const metadata = { format: 'esper-grown-network', task: work.config.name };
  const [layers] = await sideBySide([
    layersModel === null ? {} : writeLayers(disk, home, layersModel),
    disk.writeAtomic(files.safetensors, encodeSafetensors({ tensors: [...tensors], metadata })),
    disk.writeAtomic(files.graph, text(JSON.stringify(graph, null, 2))),
  ]);
  return { ...files, ...layers };
}

/** Whoever finds `model.json` finds the weights it names: they are written first. */
async function writeLayers(disk: Disk, home: string, { weights, modelJson }: LayersExport): Promise<Files> {
  const layersModel = `${home}/model.json`;
  await disk.writeAtomic(`${home}/weights.bin`, weights);
  await disk.writeAtomic(layersModel, text(JSON.stringify(modelJson)));
  return { layersModel };
}

async function writeReport({ work, disk, folder }: TolariaArgs, ended: RunEnded): Promise<Files> {
  const files = { report: `${folder}/report.md`, reportJson: `${folder}/report.json` };
  const { runId, config } = work;
  const document = { apiVersion: 'esper/v1', kind: 'RunReport', runId, ended };
  await sideBySide([
    disk.writeAtomic(files.report, text(reportMarkdown(runId, config, ended))),
    disk.writeAtomic(files.reportJson, text(JSON.stringify(document, null, 2))),
  ]);
  return files;
}

const text = (content: string) => new TextEncoder().encode(`${content}\n`);
