/** One backend, all cases, in processes of its own: one that dies costs the case it died at, and the next goes on. */
import { fork } from 'node:child_process';
import type { BackendName } from './backends.ts';
import { CASES } from './cases/index.ts';
import type { Told } from './messages.ts';

type Outcome = Extract<Told, { kind: 'answered' | 'failed' }>;

export interface Exam {
  readonly name: BackendName;
  /** Why there are no outcomes, where there are none. */
  readonly absent: string | null;
  /** What computed, in the backend's words. */
  readonly device: string | null;
  /** One a case, in order. */
  readonly outcomes: readonly Outcome[];
}

/** No case takes a minute, and opening takes less; a backend that says nothing for so long hangs, and is ended. */
const PATIENCE_MS = 120_000;

export async function exam(name: BackendName): Promise<Exam> {
  const outcomes: Outcome[] = [];
  let device: string | null = null;
  while (outcomes.length < CASES.length) {
    const tried = await attempt(name, outcomes);
    const { ended } = tried;
    device = tried.device;
    const absent = tried.absent ?? (device === null ? `its process ${ended} while it opened` : null);
    if (absent !== null) return { name, absent, device, outcomes: [] };
    if (outcomes.length < CASES.length)
      outcomes.push({ kind: 'failed', at: outcomes.length, why: `the process ${ended}` });
  }
  return { name, absent: null, device, outcomes };
}

interface Attempt {
  readonly absent: string | null;
  /** Null when it did not open. */
  readonly device: string | null;
  readonly ended: string;
}

/** Adds to `outcomes` what one process answers before it ends. */
function attempt(name: BackendName, outcomes: Outcome[]): Promise<Attempt> {
  const child = fork(new URL('examinee.js', import.meta.url), [name, String(outcomes.length)], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: exact(process.env),
  });
  const silence = setTimeout(() => child.kill(), PATIENCE_MS);
  let absent: string | null = null;
  let device: string | null = null;
  child.on('message', (told: Told) => {
    silence.refresh();
    if (told.kind === 'opened') device = told.device;
    else if (told.kind === 'absent') absent = told.why;
    else outcomes.push(told);
  });
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) => {
      clearTimeout(silence);
      done({ absent, device, ended: signal === null ? `ended with ${code}` : `was ended by ${signal}` });
    });
  });
}

/**
 * NVIDIA's libraries round the factors of products to 10 bits of fraction on newer GPUs unless told not to: a few parts
 * in a thousand, more than what is asked for here. Read by the library once, so it is set before the process starts.
 */
const exact = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({ NVIDIA_TF32_OVERRIDE: '0', ...env });
