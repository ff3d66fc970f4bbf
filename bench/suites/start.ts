/** From the shell to the first training step: the built command as a process, with a library that an earlier run filled. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EsperError } from '../../contracts/index.ts';
import { inScratch } from '../rig/scratch.ts';
import { nowMs, repeat, times } from '../sampling.ts';
import { spread } from '../statistics.ts';
import { figure, type Suite } from '../suite.ts';

/** The built file lies in dist/bench/suites. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export const start: Suite = {
  name: 'start',
  about: '`esper train config/spirals.yaml` as a process, until its first step',
  run: (effort) =>
    inScratch(async (home) => {
      const readings = await repeat(times(effort, 7), () => firstStep(home));
      return [figure('first-step', 's', spread(readings))];
    }),
};

/** Seconds from spawning the process until it says that a step was taken; then it is asked to stop. */
async function firstStep(home: string): Promise<number> {
  const args = ['dist/cli/main.js', 'train', 'config/spirals.yaml', '--json', '--home', home];
  const started = nowMs();
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] });
  const closed = once(child, 'close');
  try {
    await progress(child);
    return (nowMs() - started) / 1000;
  } finally {
    child.kill('SIGINT');
    await closed;
  }
}

/** @throws BENCH_NEVER_STARTED when the process ends without a step */
async function progress({ stdout }: ChildProcess): Promise<void> {
  if (stdout === null) throw new EsperError('BENCH_NEVER_STARTED', 'the process has no output');
  for await (const line of createInterface({ input: stdout })) {
    const { type, step } = JSON.parse(line) as { type?: string; step?: number };
    if (type === 'tolaria.training.progressed' && (step ?? 0) > 0) return;
  }
  throw new EsperError('BENCH_NEVER_STARTED', 'the run ended before its first step');
}
