/** `npm run bench:gpu`: proves, on a machine with a GPU, that training happens there; elsewhere runs the same code and says so. */
import { writeFileSync } from 'node:fs';
import { settleNativeLibraries } from '../../nn/adapters/native-settings.ts';
import { openTensorRuntime } from '../../nn/index.ts';
import { nodeClock } from '../../runtime/adapters/node/clock.ts';
import { machineLine } from '../machine.ts';
import { proveDevice } from './device.ts';
import { type GpuOptions, readOptions } from './options.ts';
import { compareSteps } from './steps.ts';
import { goBackOnDevice } from './triad.ts';

const options = readOptions(process.argv.slice(2));
if ('text' in options) {
  (options.status === 0 ? console.log : console.error)(options.text);
  process.exitCode = options.status;
} else await prove(options);

async function prove({ backend, json, quick }: GpuOptions): Promise<void> {
  settleNativeLibraries(process.env);
  const machine = machineLine();
  const clock = nodeClock();
  const nowMs = () => clock.nowMs();
  const runtime = await openTensorRuntime(backend);
  const device = await proveDevice(runtime, nowMs);
  runtime.dispose();
  const where = device.gpu ? `on a GPU: ${device.device}` : `no GPU: the same code path on ${device.device}`;
  console.log(`${machine}\n${where}`);
  const steps = await compareSteps(backend, { quick, nowMs });
  console.table(steps);
  const triad = await goBackOnDevice(backend, quick);
  console.table(
    triad.map(({ restoreMs, captureMs, ...rest }) => ({
      ...rest,
      restoreP95: restoreMs.p95,
      captureP95: captureMs.p95,
    })),
  );
  const result = { machine, where, onGpu: device.gpu, device, steps, triad };
  if (json !== null) writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
}
