/** What grew in somebody's model is read by a process that knows only tensorflow.js, and answers the same. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createTfjsPlan,
  exportModel,
  openTensorRuntime,
  predict,
  type TensorRuntime,
  wrap,
} from '../../nn/index.ts';
import { furthest } from '../nn/worlds.ts';
import { adam, plantInto, TREES, toyTargets } from '../nn/wrap/gardens.ts';
import { CASES, rowsFor, trained } from '../nn/wrap/models.ts';

const ROWS = 6;
const reader = new URL('./fixtures/plain-reader.mjs', import.meta.url).pathname;
const run = promisify(execFile);

describe('a process with plain tensorflow.js', () => {
  let runtime: TensorRuntime;
  let folder: string;
  beforeAll(async () => {
    runtime = await openTensorRuntime('wasm');
    folder = mkdtempSync(join(tmpdir(), 'esper-wrap-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(CASES)('loads $name with all that grew in it', async (one) => {
    const model = trained(one);
    const network = wrap(model, { runtime, optimizer: adam, runSeed: 5, loss: one.loss });
    const inputs = rowsFor(one, model, ROWS);
    model.dispose();
    const plan = createTfjsPlan({ runtime, network, optimizer: adam });
    const slots = network.slots();
    const planted = TREES.flatMap((tree) => {
      const slot = slots.find(
        ({ slotId }) =>
          network.fits(slotId, tree) === null && !network.seeds().some((seed) => seed.slotId === slotId),
      );
      return slot === undefined ? [] : [plantInto(network, slot.slotId, tree.blueprint)];
    });
    for (const seedId of planted) {
      network.setMode(seedId, 'live');
      network.setAlpha(seedId, 1);
    }
    const rates = Object.fromEntries(['host', ...planted].map((id) => [id, 0.01]));
    const targets = toyTargets(one, network.widths().at(-1)!, ROWS);
    for (let step = 0; step < 3; step++) await plan.step(inputs.slice(), targets.slice(), ROWS, rates);
    for (const seedId of planted) network.fossilize(seedId);
    const expected = await predict(network, inputs.slice(), ROWS);
    const { layersModel } = await exportModel(network);
    plan.dispose();
    network.dispose();
    writeFileSync(join(folder, 'model.json'), JSON.stringify(layersModel!.modelJson));
    writeFileSync(join(folder, 'weights.bin'), layersModel!.weights);
    writeFileSync(join(folder, 'rows.json'), JSON.stringify({ rows: ROWS, data: [...inputs] }));
    const { stdout } = await run(process.execPath, [reader, folder]);

    expect(planted.length).toBeGreaterThan(0);
    expect(furthest(Float32Array.from(JSON.parse(stdout) as number[]), expected)).toBeLessThan(2e-5);
  });
});
