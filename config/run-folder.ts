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
  /** Where the run found its data when it began: a resume looks there too. */
  readonly dataDirs: readonly string[];
}

/** Makes a folder for a new run and writes its configuration. @throws DISK_DENIED, DISK_FULL */
export async function newRunFolder(
  config: RunConfig,
  { home, origin, dataDirs }: RunnerOptions,
): Promise<RunFolder> {
  const disk = nodeDisk();
  const runId = nodeIds().next(config.name).slice(0, 64);
  const path = `${home}/runs/${runId}`;
  await disk.folder(path);
  const absolute = dataDirs.map((folder) => resolve(folder));
  const text = JSON.stringify(
    { apiVersion: 'esper/v1', kind: 'RunConfig', runId, origin, dataDirs: absolute, config },
    null,
    2,
  );
  await disk.writeAtomic(`${path}/config.json`, new TextEncoder().encode(`${text}\n`));
  const { dataDirs = [] } = JSON.parse(new TextDecoder().decode(await disk.read(`${path}/config.json`))) as {
    dataDirs?: string[];
  };
  return { runId, path, dataDirs };
}

/** Takes the folder of a run away that could not begin: it holds nothing that its config file does not say. */
export async function discardRunFolder({ path }: RunFolder): Promise<void> {
  await rm(path, { recursive: true });
}

/** @throws RUN_NOT_FOUND */
export async function oldRunFolder(runId: string, { home }: RunnerOptions): Promise<RunFolder> {
  const path = `${home}/runs/${runId}`;
  const disk = nodeDisk();
  if (!(await disk.exists(`${path}/journal`))) {
    throw new EsperError(
      'RUN_NOT_FOUND',
      `there is no run ${runId}`,
      { runId, home },
      { hint: 'see them with: esper runs ls' },
    );
  }
  return { runId, path };
}
