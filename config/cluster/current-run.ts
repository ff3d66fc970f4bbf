/** Which run a node's triad is at, written down so that its next life goes on with it instead of beginning another. */
import type { Disk } from '../../runtime/index.ts';
import { newRunFolder, oldRunFolder, type RunFolder } from '../run-folder.ts';
import type { PlacedRun } from './unit-options.ts';

export interface CurrentRun {
  readonly folder: RunFolder;
  /** It has a journal to go on from. */
  readonly resume: boolean;
}

/** Folder `<home>/placed/` holds one file for each config that is being trained. */
const noteOf = (home: string, { config }: PlacedRun): string =>
  `${home}/placed/${config.name}-${config.seed}.json`;

/** The run that was left unfinished, or a new one. @throws DISK_DENIED, DISK_FULL */
export async function currentRun(disk: Disk, home: string, run: PlacedRun): Promise<CurrentRun> {
  const { config, origin, dataDirs } = run;
  const options = { home, dataDirs, origin };
  const note = noteOf(home, run);
  if (await disk.exists(note)) {
    const { runId } = JSON.parse(new TextDecoder().decode(await disk.read(note))) as { runId: string };
    if (await disk.exists(`${home}/runs/${runId}/journal`)) {
      return { folder: await oldRunFolder(runId, options), resume: true };
    }
  }
  const folder = await newRunFolder(config, options);
  await disk.folder(`${home}/placed`);
  await disk.writeAtomic(note, new TextEncoder().encode(`${JSON.stringify({ runId: folder.runId })}\n`));
  return { folder, resume: false };
}

/** It has ended: the next triad begins a new one. */
export async function runIsOver(disk: Disk, home: string, run: PlacedRun): Promise<void> {
  const note = noteOf(home, run);
  if (await disk.exists(note)) await disk.remove(note);
}
