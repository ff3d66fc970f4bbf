/** The command line of the GPU proof. */
import { parseArgs } from 'node:util';

export interface GpuOptions {
  readonly backend: 'node-gpu' | 'webgpu';
  readonly json: string | null;
  readonly quick: boolean;
}

export const HELP = `npm run bench:gpu -- [options]

Shows that training happens on the GPU, and what that is worth: the device and its memory, steps of
four models against wasm, and the triad going back on tensors it shares. Without a GPU the same code
runs on TensorFlow's CPU library, and the result says so.

  --backend <name>  node-gpu (the default) or webgpu
  --json <file>     writes the result
  --quick           fewer repetitions and smaller models
  --help            this text`;

/** @returns options, or what to say instead and the exit code */
export function readOptions(
  args: readonly string[],
): GpuOptions | { readonly text: string; readonly status: number } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        backend: { type: 'string', default: 'node-gpu' },
        json: { type: 'string' },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const { backend, json = null, quick, help } = values;
    if (help) return { text: HELP, status: 0 };
    if (backend !== 'node-gpu' && backend !== 'webgpu')
      return { text: `no GPU backend ${backend}\n\n${HELP}`, status: 2 };
    return { backend, json, quick };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { text: `${error.message}\n\n${HELP}`, status: 2 };
  }
}
