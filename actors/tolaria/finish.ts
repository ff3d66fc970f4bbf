/** The end of a run: the test rows are read for the first and only time, and what was grown is written for others to use. */
import { RunEnded } from '../../contracts/index.ts';
import { exportModel } from '../../nn/index.ts';
import { encodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import type { TolariaArgs } from './deps.ts';
import { reportMarkdown } from './report.ts';
import type { LoopEnd, Trainer } from './trainer.ts';

export interface Finished {
  readonly ended: RunEnded;
  readonly files: Readonly<Record<string, string>>;
}

/** Saves the newest boundary, judges on the test rows unless interrupted, writes model and report, closes the journal. */
export async function finish(
  trainer: Trainer,
  args: TolariaArgs,
  end: Exclude<LoopEnd, 'aborted'>,
): Promise<Finished> {
  args.orders.close();
  await trainer.save();
  const { state, scars } = trainer;
  const test = end === 'interrupted' ? null : await args.work.plan.evaluate(args.test);
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
  const files =
    end === 'interrupted' ? {} : { ...(await writeModel(args)), ...(await writeReport(args, ended)) };
  args.log.append(ended);
  await args.log.close();
  trainer.life.settle(end === 'interrupted');
  return { ended, files };
}

/** safetensors for everybody, a graph that says what the tensors mean, and a tfjs LayersModel where one can express it. */
async function writeModel({ work, disk, folder }: TolariaArgs): Promise<Record<string, string>> {
  const model = await exportModel(work.network);
  const home = `${folder}/model`;
  await disk.folder(home);
  const files: Record<string, string> = {
    safetensors: `${home}/model.safetensors`,
    graph: `${home}/graph.json`,
  };
  await disk.writeAtomic(
    files.safetensors as string,
    encodeSafetensors({
      tensors: [...model.tensors],
      metadata: { format: 'esper-grown-network', task: work.config.name },
    }),
  );
  await disk.writeAtomic(files.graph as string, text(JSON.stringify(model.graph, null, 2)));
  if (model.layersModel !== null) {
    files.layersModel = `${home}/model.json`;
    await disk.writeAtomic(`${home}/weights.bin`, model.layersModel.weights);
    await disk.writeAtomic(files.layersModel, text(JSON.stringify(model.layersModel.modelJson)));
  }
  return files;
}

async function writeReport(args: TolariaArgs, ended: RunEnded): Promise<Record<string, string>> {
  const files = { report: `${args.folder}/report.md`, reportJson: `${args.folder}/report.json` };
  await args.disk.writeAtomic(files.report, text(reportMarkdown(args.work.runId, args.work.config, ended)));
  await args.disk.writeAtomic(
    files.reportJson,
    text(
      JSON.stringify({ apiVersion: 'esper/v1', kind: 'RunReport', runId: args.work.runId, ended }, null, 2),
    ),
  );
  return files;
}

const text = (content: string) => new TextEncoder().encode(`${content}\n`);
