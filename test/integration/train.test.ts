/** A whole run as a user sees it: the stream, the journal, the questions afterwards, and the model in other people's hands. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { DOCUMENTS, type SeedTrace } from '../../cli/views/documents.ts';
import { loadDataset } from '../../config/datasets/index.ts';
import { type RunConfig, RunEvent, TrainingProgress } from '../../contracts/index.ts';
import { nodeDisk } from '../../runtime/adapters/node/disk.ts';
import { decodeSafetensors } from '../../runtime/index.ts';
import { cleanUpAfterwards, document, type Ended, esper, folderFor, PATIENCE_MS } from './support/esper.ts';
import { journalOf, moonsConfig, ofType, type Summary, summaryOf } from './support/runs.ts';

cleanUpAfterwards();
const home = folderFor('train');
let run: Ended;
let summary: Summary;

beforeAll(async () => {
  run = await esper(home, ['train', moonsConfig(home), '--json']);
  summary = summaryOf(run.said);
}, PATIENCE_MS);

const problemsOf = (kind: keyof typeof DOCUMENTS, value: unknown) =>
  [...Value.Errors(DOCUMENTS[kind], value)].map(({ path, message }) => `${path} ${message}`);

describe('a run from one command', () => {
  it('ends well, and every line it says holds what its contract promises', () => {
    const stream = run.said.slice(0, -1);
    const parsed = stream.map((line) =>
      line.type === 'tolaria.training.progressed' ? TrainingProgress.parse(line) : RunEvent.parse(line),
    );

    expect(run.code).toBe(0);
    expect(parsed.length).toBeGreaterThan(5);
    expect(problemsOf('RunSummary', summary)).toEqual([]);
    expect(summary.ended).toMatchObject({ outcome: 'finished', disruptedSteps: 0 });
  });

  it('grows: seeds became part of the network, and the stream told of each', () => {
    const fossilized = run.said.filter(({ what }) => what === 'fossilized');

    expect(summary.ended.fossilized).toBeGreaterThan(0);
    expect(fossilized).toHaveLength(summary.ended.fossilized);
    expect(summary.ended.parameters).toBeGreaterThan(summary.ended.hostParametersAtBirth);
    expect(summary.ended.testAccuracy).toBeGreaterThan(0.95);
  });

  it('leaves a report that says what came of it', () => {
    const report = readFileSync(summary.files.report ?? '', 'utf8');

    expect(report).toContain(`# moons, run ${summary.runId}`);
    expect(report).toContain(`| parameters | 12 at birth, ${summary.ended.parameters} grown |`);
  });
});

describe('its model', () => {
  it('is a safetensors file with every parameter', () => {
    const { tensors, metadata } = decodeSafetensors(readFileSync(summary.files.safetensors ?? ''));
    const values = tensors.reduce((sum, { data }) => sum + data.length, 0);

    expect(values).toBe(summary.ended.parameters);
    expect(metadata).toMatchObject({ format: 'esper-grown-network' });
  });

  it('loads into plain tensorflow.js and is as good there as the run says', async () => {
    const modelJson = JSON.parse(readFileSync(summary.files.layersModel ?? '', 'utf8'));
    const weights = readFileSync(join(dirname(summary.files.layersModel ?? ''), 'weights.bin'));
    const model = await tf.loadLayersModel({
      load: async () => ({
        modelTopology: modelJson.modelTopology,
        weightSpecs: modelJson.weightsManifest[0].weights,
        weightData: new Uint8Array(weights).buffer,
      }),
    });
    const { config } = JSON.parse(readFileSync(`${summary.folder}/config.json`, 'utf8')) as {
      config: RunConfig;
    };
    const { test } = await loadDataset(config.task, { disk: nodeDisk(), dataDirs: [], seed: config.seed });
    const rows = Uint32Array.from({ length: test.count }, (_, row) => row);
    const inputs = new Float32Array(test.count * test.inputs);
    const targets = new Float32Array(test.count * test.outputs);
    test.fillInputs(rows, inputs);
    test.fillTargets(rows, targets);
    const right = tf.tidy(() => {
      const answers = model.predict(tf.tensor2d(inputs, [test.count, test.inputs])) as tf.Tensor;
      const truth = tf.tensor2d(targets, [test.count, test.outputs]);
      return tf.equal(answers.argMax(1), truth.argMax(1)).sum().dataSync()[0] ?? 0;
    });
    model.dispose();

    expect(right / test.count).toBe(summary.ended.testAccuracy);
  });
});

describe('the questions afterwards', () => {
  it.each([
    [['runs', 'ls'], 'RunList'],
    [['run', 'show', 'latest'], 'Run'],
    [['seeds', 'latest'], 'SeedList'],
    [['decisions', 'latest'], 'DecisionTrace'],
    [['wal', 'verify', 'latest'], 'Journal'],
  ] as const)('%j answers with a document of its schema, and with text for people', async (args, kind) => {
    const [answer, text] = await Promise.all([document(home, args), esper(home, args)]);

    expect(problemsOf(kind, answer)).toEqual([]);
    expect(text).toMatchObject({ code: 0, err: '' });
    expect(text.out).not.toBe('');
  });

  it('explains every seed: why it was planted, against whom, what the gates said, what it was worth', async () => {
    const { seeds } = await document<{ seeds: SeedTrace[] }>(home, ['decisions', 'latest']);
    const measured = seeds.filter(({ gates }) =>
      gates.some(({ gate }) => gate.gate.startsWith('G4') && gate.passed),
    );

    expect(seeds).toHaveLength(summary.ended.germinated);
    for (const { planted, gates, outcome, later } of seeds) {
      expect(planted?.trigger).toBe('scheduled');
      expect(planted?.candidates).toContainEqual(planted?.chosen);
      expect(planted?.candidates.length).toBeGreaterThan(1);
      expect(planted?.candidates.every(({ score }) => Number.isFinite(score))).toBe(true);
      expect(gates[0]?.gate).toMatchObject({ gate: 'G0', passed: true, reasons: [] });
      expect(['FOSSILIZED', 'DORMANT', 'CULLED', 'EMBARGOED', 'RESETTING']).toContain(outcome);
      expect(later.length).toBeGreaterThan(0);
    }
    expect(measured.length).toBeGreaterThan(0);
    expect(measured.filter(({ contribution }) => contribution === null)).toEqual([]);
    expect(seeds.filter(({ outcome }) => outcome === 'FOSSILIZED')).toHaveLength(summary.ended.fossilized);
  });

  it('find a journal that begins and ends as a run does, without a gap', async () => {
    const records = await journalOf(home, 'latest');
    const boundaries = ofType(records, 'tolaria.boundary.committed').map(({ boundary }) => boundary);

    expect(records[0]?.type).toBe('tolaria.run.started');
    expect(records.at(-1)).toEqual(summary.ended);
    expect(boundaries).toEqual(boundaries.map((_, i) => i));
  });
});
