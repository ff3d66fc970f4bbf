/** The folder of a run: where it is, and what stands in it from the first moment. */
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EsperError, type RunConfig } from '../contracts/index.ts';
import { nodeDisk } from '../runtime/adapters/node/disk.ts';
import { nodeIds } from '../runtime/adapters/node/ids.ts';
import type { RunnerOptions } from './runner.ts';

export interface RunFolder {
  readonly runId: string;
  readonly path: string;
  /** Where the run looked for its data when it began: a resume looks there too. */
  readonly dataDirs: readonly string[];
}

/** Makes a folder for a new run and writes its configuration. @throws DISK_DENIED, DISK_FULL */
export async function newRunFolder(config: RunConfig, options: RunnerOptions): Promise<RunFolder> {
  const { home, origin } = options;
  const disk = nodeDisk();
  const runId = nodeIds().next(config.name).slice(0, 64);
  const path = `${home}/runs/${runId}`;
  const dataDirs = options.dataDirs.map((folder) => resolve(folder));
  await disk.folder(path);
  const body = { apiVersion: 'esper/v1', kind: 'RunConfig', runId, origin, dataDirs, config };
  await disk.writeAtomic(
    `${path}/config.json`,
    new TextEncoder().encode(`${JSON.stringify(body, null, 2)}\n`),
  );
  return { runId, path, dataDirs };
}

/** Takes the folder of a run away that could not begin: it holds nothing that its config file does not say. */
export async function discardRunFolder({ path }: RunFolder): Promise<void> {
  await rm(path, { recursive: true });
}

/** @throws RUN_NOT_FOUND */
export async function oldRunFolder(runId: string, { home }: RunnerOptions): Promise<RunFolder> {
  const disk = nodeDisk();
  const path = `${home}/runs/${runId}`;
  if (!(await disk.exists(`${path}/journal`))) {
    throw new EsperError(
      'RUN_NOT_FOUND',
      `there is no run ${runId}`,
      { runId, home },
      { hint: 'see them with: esper runs ls' },
    );
  }
  const written = JSON.parse(new TextDecoder().decode(await disk.read(`${path}/config.json`))) as {
    dataDirs?: string[];
  };
  return { runId, path, dataDirs: written.dataDirs ?? [] };
}
