/** Fast rollback of the whole triad: damage is done by real steps, and every restore is checked bit by bit. */
import { digest } from '../../actors/tolaria/digest.ts';
import { EsperError } from '../../contracts/index.ts';
import { germinate, letTrain, momentAt, trainStep } from '../rig/garden.ts';
import { startTriad, type TriadRig } from '../rig/triad.ts';
import { type Effort, repeat, stopwatch, times } from '../sampling.ts';
import { spread } from '../statistics.ts';
import { type Figure, figure, type Suite } from '../suite.ts';

const SIZES = [
  { name: '1m', hidden: [768, 512], restores: 60 },
  { name: '10m', hidden: [2560, 3072], restores: 12 },
] as const;

export const rollback: Suite = {
  name: 'rollback',
  about: 'the triad goes back to its newest cut, 1 M and 10 M parameters; compared afterwards',
  async run(effort) {
    const figures: Figure[] = [];
    for (const size of SIZES) figures.push(...(await restores(size, effort)));
    return figures;
  },
};

async function restores({ name, hidden, restores }: (typeof SIZES)[number], effort: Effort) {
  const rig = await startTriad({ inputs: 784, hidden, places: 4, rows: 16 });
  germinate(rig, 8);
  letTrain(rig, 8);
  await trainStep(rig);
  const captures: number[] = [];
  captures.push(await stopwatch(() => rig.capture()));
  const cut = await digestOf(rig);
  const readings = await repeat(times(effort, restores), async () => {
    await damage(rig, cut);
    const took = await stopwatch(() => rig.goBack());
    await rig.settled();
    await compare(rig, cut);
    captures.push(await stopwatch(() => rig.capture()));
    return took;
  });
  await rig.close();
  return [
    figure(`restore-${name}`, 'ms', spread(readings)),
    figure(`capture-${name}`, 'ms', spread(captures)),
  ];
}

/** Weights, moments, counters and structure move on, and a seed is lost. */
async function damage(rig: TriadRig, cut: string): Promise<void> {
  await trainStep(rig);
  rig.kasmina({ type: 'kasmina.cull', moment: momentAt(3), seedIds: ['s1'], reason: 'not_finite' });
  if ((await digestOf(rig)) === cut)
    throw new EsperError('BENCH_NO_DAMAGE', 'there is nothing to go back from');
}

async function compare(rig: TriadRig, cut: string): Promise<void> {
  const now = await digestOf(rig);
  if (now !== cut) throw new EsperError('BENCH_NOT_RESTORED', 'the group came back different', { cut, now });
}

const digestOf = async ({ work, kasmina, tamiyo }: TriadRig): Promise<string> =>
  digest(await work.network.image(), {
    garden: kasmina({ type: 'kasmina.save' }),
    tamiyo: tamiyo({ type: 'tamiyo.save' }),
  });
