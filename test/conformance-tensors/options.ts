/** The words after `npm run conformance:tensors --`. */
import { parseArgs } from 'node:util';
import { BACKENDS, type BackendName, isBackend } from './backends.ts';

export const HELP = `Asks every tensor backend of this machine the same questions and compares the answers with cpu.

  npm run conformance:tensors -- [options]

  --backend <name>  this one only (and cpu, which it is compared with): ${BACKENDS.map(({ name }) => name).join(', ')};
                    may be given several times
  --json <file>     writes the largest error of every case on every backend
  --write           fills the generated sections of docs/backends.md
  --help            says this

Ends with 1 when a supported backend (cpu, wasm), or one that was asked for by name, is not here or fails a case.`;

export interface Options {
  readonly backends: readonly BackendName[];
  /** Backends asked for by name have to pass, supported or not. */
  readonly named: boolean;
  readonly json: string | null;
  readonly write: boolean;
}

/** @returns the options, or a text to print and the status to end with */
export function parse(args: readonly string[]): Options | { readonly text: string; readonly status: number } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        backend: { type: 'string', multiple: true },
        json: { type: 'string' },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { text: HELP, status: 0 };
    const named = values.backend ?? [];
    const unknown = named.find((name) => !isBackend(name));
    if (unknown !== undefined) return { text: `there is no backend ${unknown}\n\n${HELP}`, status: 2 };
    if (values.write && named.length > 0)
      return { text: `the page shows every backend: --write goes without --backend\n\n${HELP}`, status: 2 };
    return {
      backends: BACKENDS.map(({ name }) => name).filter(
        (name) => named.length === 0 || name === 'cpu' || named.includes(name),
      ),
      named: named.length > 0,
      json: values.json ?? null,
      write: values.write,
    };
  } catch (cause) {
    return { text: `${(cause as Error).message}\n\n${HELP}`, status: 2 };
  }
}
