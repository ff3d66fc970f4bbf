/** The triad on a device: its actors share tensors instead of copying them, and go back in the time it takes to say so. */
import * as tf from '@tensorflow/tfjs';
import { digest } from '../../actors/tolaria/digest.ts';
import type { BackendName } from '../../contracts/index.ts';
import { germinate, letTrain, trainStep } from '../rig/garden.ts';
import { startTriad, type TriadRig } from '../rig/triad.ts';
import { stopwatch } from '../sampling.ts';
import { type Spread, spread } from '../statistics.ts';

export interface TriadFigure {
  readonly parameters: number;
  /** New buffers that a capture of all weights and moments made: none when they are shared. */
  readonly buffersPerCapture: number;
  readonly tensorsPerCapture: number;
  readonly restoreMs: Spread;
  readonly captureMs: Spread;
  /** Every restore brought back the very same bits. */
  readonly exact: boolean;
}

const SIZES = [
  [768, 512],
  [2560, 3072],
] as const;

export async function goBackOnDevice(backend: BackendName, quick: boolean): Promise<readonly TriadFigure[]> {
  const figures: TriadFigure[] = [];
  for (const hidden of quick ? SIZES.slice(0, 1) : SIZES) {
    const rig = await startTriad({ inputs: 784, hidden, places: 4, rows: 16, backend });
    figures.push(await measure(rig, quick ? 3 : 10));
    await rig.close();
  }
  return figures;
}

async function measure(rig: TriadRig, rounds: number): Promise<TriadFigure> {
  germinate(rig, 8);
  letTrain(rig, 8);
  await trainStep(rig);
  const [captures, restores]: [number[], number[]] = [[], []];
  const before = tf.memory();
  const held = rig.work.network.capture();
  const after = tf.memory();
  rig.work.network.release(held);
  captures.push(await stopwatch(() => rig.capture()));
  const cut = await digestOf(rig);
  let exact = true;
  for (let round = 0; round < rounds; round++) {
    await trainStep(rig);
    restores.push(await stopwatch(() => rig.goBack()));
    await rig.settled();
    exact &&= (await digestOf(rig)) === cut;
    captures.push(await stopwatch(() => rig.capture()));
  }
  return {
    parameters: rig.work.network.parameterCount().total,
    buffersPerCapture: after.numDataBuffers - before.numDataBuffers,
    tensorsPerCapture: after.numTensors - before.numTensors,
    restoreMs: spread(restores),
    captureMs: spread(captures),
    exact,
  };
}

const digestOf = async ({ work, kasmina, tamiyo }: TriadRig): Promise<string> =>
  digest(await work.network.image(), {
    garden: kasmina({ type: 'kasmina.save' }),
    tamiyo: tamiyo({ type: 'tamiyo.save' }),
  });
