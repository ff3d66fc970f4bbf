/** The checksum of a boundary, per megabyte of weights; SHA-256 beside it. */
import { createHash } from 'node:crypto';
import { digest as digestOf } from '../../actors/tolaria/digest.ts';
import { randomStream } from '../../contracts/index.ts';
import { repeat, stopwatch, times } from '../sampling.ts';
import { spread } from '../statistics.ts';
import { figure, type Suite } from '../suite.ts';

/** 8 MB of float32. */
const NUMBERS = 1 << 21;
const MEGABYTES = (NUMBERS * 4) / 2 ** 20;

export const digest: Suite = {
  name: 'digest',
  about: "a boundary's checksum over weights, per MB; SHA-256 as a peer",
  async run(effort) {
    const random = randomStream('bench/digest');
    const data = Float32Array.from({ length: NUMBERS }, () => random.next());
    const image = { structure: {}, tensors: [{ name: 'w', shape: [NUMBERS], data }] };
    const perMegabyte = async (name: string, work: () => string) =>
      figure(
        name,
        'ms/MB',
        spread(await repeat(times(effort, 60), async () => (await stopwatch(work)) / MEGABYTES)),
      );
    return [
      await perMegabyte('weights', () => digestOf(image, {})),
      await perMegabyte('peer-sha256', () =>
        createHash('sha256').update(new Uint8Array(data.buffer)).digest('hex'),
      ),
    ];
  },
};
