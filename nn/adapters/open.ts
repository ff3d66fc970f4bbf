/** Chooses where tensors live: the fastest backend that gives right answers. */
import type { TensorRuntime } from '../runtime.ts';
import { openCpu } from './cpu.ts';
import { smokeCheck } from './smoke.ts';
import { openWasm, unusable } from './wasm.ts';

/**
 * Starts a backend and makes it the active one. `auto` tries wasm and falls back to cpu, with the reason.
 * @throws NN_BACKEND_UNUSABLE only when `wasm` was demanded and does not work
 */
export async function openTensorRuntime(choice: 'auto' | 'wasm' | 'cpu'): Promise<TensorRuntime> {
  if (choice === 'cpu') return openCpu('asked for');
  try {
    const runtime = await openWasm(
      choice === 'wasm' ? 'asked for' : 'the fastest here, and its sums are right',
    );
    const wrong = smokeCheck(runtime);
    if (wrong !== null) throw unusable(wrong);
    return runtime;
  } catch (cause) {
    if (choice === 'wasm') throw cause;
    return openCpu(`wasm was tried first: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
