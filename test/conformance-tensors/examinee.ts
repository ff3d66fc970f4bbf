/** The process of one backend: opens it and answers every case from a given one on. Arguments: backend, first case. */
import { answerOf } from './answer.ts';
import { type BackendName, open } from './backends.ts';
import { CASES } from './cases/index.ts';
import { slopesOf } from './difference.ts';
import type { Told } from './messages.ts';

const [name, first] = process.argv.slice(2) as [BackendName, string];

/** Resolves when it is on its way: a process that dies afterwards has still said it. */
const tell = (told: Told) =>
  new Promise<void>((done, failed) => {
    process.send!(told, (fault: Error | null) => (fault === null ? done() : failed(fault)));
  });

const wordsOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!;

async function examine(): Promise<void> {
  const runtime = await open(name);
  await tell({ kind: 'opened', device: runtime.device });
  for (const [at, subject] of CASES.entries()) {
    if (at < Number(first)) continue;
    try {
      const answer = await answerOf(runtime, subject);
      const wanted = name === 'cpu' && subject.kind === 'gradients';
      const slopes = wanted ? await slopesOf(runtime, subject, answer.tensors) : [];
      await tell({ kind: 'answered', at, answer, slopes });
    } catch (cause) {
      await tell({ kind: 'failed', at, why: wordsOf(cause) });
    }
  }
  runtime.dispose();
}

try {
  await examine();
} catch (cause) {
  await tell({ kind: 'absent', why: wordsOf(cause) });
}
process.disconnect();
