/** The threads of a run, begun before anybody has read what it will train: loading modules is most of a start. */
import { settleNativeLibraries } from '../../nn/adapters/native-settings.ts';
import { beginThread } from '../../runtime/adapters/node/waiting-threads.ts';
import { OWNERS, READER, ROOM } from './training-pieces.ts';

const at = (path: string) => new URL(path, import.meta.url);

export interface LikelyRun {
  /** It may make kernels. */
  readonly innovation: boolean;
  /** Those it makes are all new here, and have to be judged. */
  readonly judging: boolean;
}

/** Begins the threads of the one run that this process is for. What is said of it wrongly costs time and nothing else. */
export function beginHosts(run: LikelyRun): void {
  settleNativeLibraries(process.env); // a thread's environment is a copy, made now
  beginThread(at('./training-entry.js'), [READER, at('./ports.js'), ...ROOM, OWNERS]);
  const bench = run.judging ? [at('../../nn/index.js'), at('../../actors/urabrask/probe-bench.js')] : [];
  if (run.innovation) beginThread(at('./innovation-entry.js'), [at('./innovators.js'), OWNERS, ...bench]);
}
