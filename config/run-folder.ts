/** The folder of a run: where it is, and what stands in it from the first moment. */
import { rm } from 'node:fs/promises';
import { EsperError, type RunConfig } from '../contracts/index.ts';
import { nodeDisk } from '../runtime/adapters/node/disk.ts';
import { nodeIds } from '../runtime/adapters/node/ids.ts';
import type { RunnerOptions } from './runner.ts';

export interface RunFolder {
  readonly runId: string;
  readonly path: string;
}

/** Makes a folder for a new run and writes its configuration. @throws DISK_DENIED, DISK_FULL */
export async function newRunFolder(config: RunConfig, { home, origin }: RunnerOptions): Promise<RunFolder> {
  const disk = nodeDisk();
  const runId = nodeIds().next(config.name).slice(0, 64);
  const path = `${home}/runs/${runId}`;
  await disk.folder(path);
  const text = JSON.stringify({ apiVersion: 'esper/v1', kind: 'RunConfig', runId, origin, config }, null, 2);
  await disk.writeAtomic(`${path}/config.json`, new TextEncoder().encode(`${text}\n`));
  return { runId, path };
}

/** Takes the folder of a run away that could not begin: it holds nothing that its config file does not say. */
export async function discardRunFolder({ path }: RunFolder): Promise<void> {
  await rm(path, { recursive: true });
}

/** @throws RUN_NOT_FOUND */
export async function oldRunFolder(runId: string, { home }: RunnerOptions): Promise<RunFolder> {
  const path = `${home}/runs/${runId}`;
  if (!(await nodeDisk().exists(`${path}/journal`))) {
    throw new EsperError(
      'RUN_NOT_FOUND',
      `there is no run ${runId}`,
      { runId, home },
      { hint: 'see them with: esper runs ls' },
    );
  }
  return { runId, path };
}
