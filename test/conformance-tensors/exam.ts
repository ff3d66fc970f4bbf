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
  /** One a case, in order. */
  readonly outcomes: readonly Outcome[];
}

/** Nothing here takes a minute; a backend that hangs is ended. */
const PATIENCE_MS = 300_000;

export async function exam(name: BackendName): Promise<Exam> {
  const outcomes: Outcome[] = [];
  while (outcomes.length < CASES.length) {
    const { absent, opened, ended } = await attempt(name, outcomes);
    if (absent !== null) return { name, absent, outcomes: [] };
    if (!opened) return { name, absent: `its process ${ended} while it opened`, outcomes: [] };
    if (outcomes.length < CASES.length)
      outcomes.push({ kind: 'failed', at: outcomes.length, why: `the process ${ended}` });
  }
  return { name, absent: null, outcomes };
}

interface Attempt {
  readonly absent: string | null;
  readonly opened: boolean;
  readonly ended: string;
}

/** Adds to `outcomes` what one process answers before it ends. */
function attempt(name: BackendName, outcomes: Outcome[]): Promise<Attempt> {
  const child = fork(new URL('examinee.js', import.meta.url), [name, String(outcomes.length)], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    timeout: PATIENCE_MS,
  });
  let absent: string | null = null;
  let opened = false;
  child.on('message', (told: Told) => {
    if (told.kind === 'opened') opened = true;
    else if (told.kind === 'absent') absent = told.why;
    else outcomes.push(told);
  });
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) => {
      done({ absent, opened, ended: signal === null ? `ended with ${code}` : `was ended by ${signal}` });
    });
  });
}
