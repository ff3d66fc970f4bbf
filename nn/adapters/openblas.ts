/** OpenBLAS, where the machine has it and `koffi` is installed to call it: faster products for whoever asks for them. */
import { EsperError } from '../../contracts/failure.ts';
import type { Blas } from '../fused/blas.ts';
import { installed, loadModule } from './packages.ts';

/** What is used of koffi. Parameter `float *` takes a typed array. */
interface Koffi {
  load(path: string): { func(name: string, result: string, parameters: readonly string[]): Native };
}
type Native = (...values: readonly (number | Float32Array)[]) => void;

/** Loader names of the library, the usual one first. */
const libraries = ['libopenblas.so.0', 'libopenblas.so', 'libopenblas.dylib', 'libopenblas.dll'];
/** Its functions are called so, or so in the build that Python packages carry. */
const prefixes = ['', 'scipy_'];

const rowMajor = 101;
const [plain, turned] = [111, 112];
const [whole, pointer] = ['int', 'float *'];
const sgemm = [
  ...[whole, whole, whole, whole, whole, whole, 'float'],
  ...[pointer, whole, pointer, whole, 'float', pointer, whole],
];

/**
 * Looks for the library.
 * @param options `library`: a path to use instead of the usual names; `threads`: how many it may use for one product
 * @returns it, or why not, in words
 */
export async function openBlas(options: {
  readonly library?: string | undefined;
  readonly threads: number;
}): Promise<Blas | { readonly whyNot: string }> {
  if (!installed('koffi')) return { whyNot: 'koffi is not installed: npm install --no-save koffi' };
  const { default: koffi } = await loadModule<{ default: Koffi }>('koffi');
  const refusals: string[] = [];
  for (const path of options.library === undefined ? libraries : [options.library]) {
    for (const prefix of prefixes) {
      const found = attempt(koffi, path, prefix, options.threads);
      if (typeof found !== 'string') return found;
      refusals.push(found);
    }
  }
  return { whyNot: `no OpenBLAS here: ${refusals[0]}` };
}

/** As `openBlas`, for whoever insists. @throws NN_BLAS_UNUSABLE */
export async function demandBlas(options: Parameters<typeof openBlas>[0]): Promise<Blas> {
  const found = await openBlas(options);
  if (!('whyNot' in found)) return found;
  throw new EsperError(
    'NN_BLAS_UNUSABLE',
    found.whyNot,
    {},
    { hint: 'install OpenBLAS and koffi (npm install --no-save koffi), or leave ESPER_BLAS away' },
  );
}

/** @returns the library, or what the loader said */
function attempt(koffi: Koffi, path: string, prefix: string, threads: number): Blas | string {
  try {
    const library = koffi.load(path);
    const product = library.func(`${prefix}cblas_sgemm`, 'void', sgemm);
    library.func(`${prefix}openblas_set_num_threads`, 'void', [whole])(threads);
    return blasOf(path, product);
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

const blasOf = (path: string, call: Native): Blas => ({
  name: `openblas (${path})`,
  product(turnA, turnB, [m, n, k], a, aStep, b, bStep, keep, c, cStep) {
    const [first, second] = [turnA ? turned : plain, turnB ? turned : plain];
    call(rowMajor, first, second, m, n, k, 1, a, aStep, b, bStep, keep, c, cStep);
  },
});
