/** Runs as the tests look at them: a small task, and what its journal says. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BoundaryCommitted, RunRecord } from '../../../contracts/index.ts';
import { document, type Said } from './esper.ts';

/** Two moons of 200 points, a host of two units: a second of training, enough for several seeds to live and die. */
const MOONS = {
  name: 'moons',
  seed: 3,
  task: { dataset: 'moons', options: { rows: 200, testRows: 400, noise: 0.1 }, validationRows: 50 },
  host: { hidden: [2], activation: 'tanh', start: 'glorot' },
  training: {
    epochs: 1500,
    batch: 'all',
    boundaryEpochs: 10,
    optimizer: { name: 'adam', rate: 0.01 },
    checkpointBoundaries: 10,
  },
  growth: {
    policy: 'schedule',
    spans: ['layer'],
    families: ['widen'],
    targetHidden: [24],
    tempo: { training: 5, blending: 5, probation: 5, embargo: 3, earliest: 5, spacing: 5, latest: 0.8 },
  },
};

type Settings = Partial<Record<keyof typeof MOONS | 'faults', unknown>>;

/** Writes the config of a run on two moons, with some sections changed. YAML is a superset of JSON. */
export function moonsConfig(folder: string, changed: Settings = {}): string {
  const path = join(folder, 'moons.yaml');
  writeFileSync(path, JSON.stringify({ ...MOONS, ...changed }, null, 2));
  return path;
}

export const training = (changed: Partial<(typeof MOONS)['training']>) => ({
  training: { ...MOONS.training, ...changed },
});

/** Everything a run wrote down, oldest first. */
export async function journalOf(home: string, run: string): Promise<readonly RunRecord[]> {
  const { records } = await document<{ records: { message: RunRecord }[] }>(home, ['wal', 'inspect', run]);
  return records.map(({ message }) => message);
}

/** The records of one type. */
export const ofType = <T extends RunRecord['type']>(records: readonly RunRecord[], type: T) =>
  records.filter((record): record is Extract<RunRecord, { type: T }> => record.type === type);

export const boundariesOf = (records: readonly RunRecord[]): readonly BoundaryCommitted[] =>
  ofType(records, 'tolaria.boundary.committed');

/** What a run did, without what differs from one undisturbed run to the next: names, times, who wrote it. */
export const courseOf = (records: readonly RunRecord[]) =>
  boundariesOf(records).map(({ boundary, step, digest, decisions, transitions, parameters }) => ({
    boundary,
    step,
    digest,
    decisions,
    transitions,
    parameters,
  }));

/** The summary that ends a stream. */
export interface Summary {
  readonly kind: 'RunSummary';
  readonly runId: string;
  readonly folder: string;
  readonly files: Readonly<Record<string, string>>;
  readonly ended: Extract<RunRecord, { type: 'tolaria.run.ended' }>;
}

/** @throws when the stream ends with something else: then the run failed, and that line says why */
export function summaryOf(said: readonly Said[]): Summary {
  const last = said.at(-1);
  if (last?.kind !== 'RunSummary') throw new Error(`no summary but ${JSON.stringify(last)}`);
  return last as unknown as Summary;
}

/** Digest of a run's model: equal exactly when every byte of two files is. */
export const modelOf = ({ files }: Summary): string =>
  createHash('sha256')
    .update(readFileSync(files.safetensors ?? ''))
    .digest('hex');
