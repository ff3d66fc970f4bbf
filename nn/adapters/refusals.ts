/** What the engine rooms say when they must refuse, and what to do then. */
import { EsperError } from '../../contracts/failure.ts';
import type { BackendName } from '../../contracts/run-config.ts';

/** Next step for each backend that does not come with the package. */
const REMEDIES: Readonly<Record<BackendName, string>> = {
  'node-gpu': 'npm run gpu:setup, then esper doctor --gpu',
  'node-cpu': 'npm run gpu:setup, or --set backend=auto',
  webgpu: 'esper doctor --gpu tells what is missing and how to get it',
  wasm: 'choose backend: cpu, or check that @tensorflow/tfjs-backend-wasm is installed completely',
  cpu: 'npm ci',
};

export const unusableBackend = (name: BackendName, why: string, cause?: unknown) =>
  new EsperError(
    'NN_BACKEND_UNUSABLE',
    `the ${name} backend is not usable: ${why}`,
    { backend: name, why },
    { hint: REMEDIES[name], cause },
  );

export const noSyncRead = (name: BackendName) =>
  new EsperError(
    'NN_NO_SYNC_READ',
    `tensors of ${name} cannot be read at once`,
    { backend: name },
    { hint: 'read with readPacked, or choose backend: wasm' },
  );

export const deviceFailed = (name: BackendName, fault: Error) =>
  new EsperError(
    'NN_DEVICE_FAILED',
    `the ${name} device reported: ${fault.message}`,
    { backend: name },
    { hint: 'its numbers are not to be trusted: esper doctor --gpu, or --set backend=wasm', cause: fault },
  );

/** @param limit in bytes */
export const overBudget = (bytes: number, held: number, limit: number) =>
  new EsperError(
    'NN_OUT_OF_MEMORY',
    `${megabytes(bytes)} more do not fit: ${megabytes(held)} of ${megabytes(limit)} are taken`,
    { bytes, held, limit },
    { hint: 'lower host.hidden, training.batch or growth.maxParameters, or raise ESPER_MEMORY_MB' },
  );

/** @param limit of a single tensor, in bytes */
export const tensorTooLarge = (bytes: number, limit: number) =>
  new EsperError(
    'NN_OUT_OF_MEMORY',
    `a tensor of ${megabytes(bytes)} is larger than the ${megabytes(limit)} that this device takes`,
    { bytes, limit },
    { hint: 'lower training.batch, or choose a backend without this limit: wasm, node-gpu' },
  );

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
