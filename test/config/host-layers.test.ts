/** A host written down layer by layer: what it becomes, and what a person hears when it cannot be. */
import { describe, expect, it } from 'vitest';
import { bornUnits, rowKindOf } from '../../config/host-layers.ts';
import { loadConfig } from '../../config/load.ts';
import { ConfigInvalid } from '../../config/problem.ts';
import { bornParameters, hostSpec } from '../../config/training/host-spec.ts';
import { floatRows } from '../../nn/data/index.ts';

const load = (text: string) => loadConfig({ file: 'my.yaml', text });
function complaint(text: string): string {
  try {
    load(text);
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.message;
    throw error;
  }
  throw new Error('the config was accepted');
}

const stages = [
  'host:',
  '  layers:',
  '    - { op: conv, units: 4 }',
  '    - { op: pool }',
  '    - { op: conv, units: 8, size: 5, stride: 2, activation: tanh }',
  '    - { op: norm }',
  '    - { op: pool, kind: max, size: 3, stride: 1 }',
  '    - { op: squeeze }',
  '    - { op: dense, units: 6 }',
].join('\n');
const images = {
  train: floatRows(new Float32Array(2 * 192), 192, { kind: 'classes', labels: [0, 1], classes: 3 }),
  inputShape: [8, 8, 3],
};

describe('layers', () => {
  it('become a host over images, its output layer added', () => {
    const { host } = load(stages).config;
    const spec = hostSpec(host, images);

    expect(spec).toMatchObject({ inputs: 192, inputShape: [8, 8, 3], loss: 'softmax_cross_entropy' });
    expect(spec.layers).toMatchObject([
      { op: 'conv', units: 4, activation: 'relu', window: { size: [3, 3], stride: [1, 1], padding: 'same' } },
      { op: 'pool', kind: 'mean', window: { size: [2, 2], stride: [2, 2], padding: 'valid' } },
      { op: 'conv', units: 8, activation: 'tanh', window: { size: [5, 5], stride: [2, 2] } },
      { op: 'norm', how: { kind: 'batch' } },
      { op: 'pool', kind: 'max', window: { size: [3, 3], stride: [1, 1] } },
      { op: 'squeeze', kind: 'mean' },
      { op: 'dense', units: 6, activation: 'relu' },
      { units: 3, activation: 'linear' },
    ]);
    const convs = 9 * 3 * 4 + 4 + (25 * 4 * 8 + 8);
    expect(bornParameters(spec)).toBe(convs + 4 * 8 + (8 * 6 + 6) + (6 * 3 + 3));
  });

  it('say what can grow and what rows are inside', () => {
    const { host } = load(stages).config;

    expect(bornUnits(host)).toEqual({ path: 'host.layers', units: [4, 8, 6] });
    expect(rowKindOf(host)).toBe('image');
    expect(rowKindOf(load('host: { layers: [{ op: dense, units: 3 }] }').config.host)).toBe('vector');
  });

  it('flatten an image for a dense layer', () => {
    const { host } = load(
      'host: { layers: [{ op: pool }, { op: flatten }, { op: dense, units: 2 }] }',
    ).config;

    expect(hostSpec(host, images).layers[1]).toEqual({ op: 'reshape', shape: [48] });
  });

  it('are left out of most configs: then hidden widths make the host, on plain rows', () => {
    const { host } = load('host: { hidden: [5] }').config;
    const spec = hostSpec(host, images);

    expect(bornUnits(host)).toEqual({ path: 'host.hidden', units: [5] });
    expect(spec.inputShape).toBeUndefined();
    expect(bornParameters(spec)).toBe(193 * 5 + 6 * 3);
  });
});

describe('a mistake in a layer', () => {
  it('is told with its place and the kind of layer in mind', () => {
    const text = [
      'host:',
      '  layers:',
      '    - { op: convv, units: 4 }',
      '    - { op: pool, sise: 2 }',
      '    - { op: conv }',
      '    - { units: 4 }',
      '    - { op: dropout, rate: 2 }',
      '    - conv',
    ].join('\n');

    expect(complaint(text)).toMatchInlineSnapshot(`
      "my.yaml:3:13: CONFIG_OUT_OF_RANGE host.layers[0].op wants one of dense, conv, depthwise, pool, squeeze, norm, activate, dropout, flatten, got \`convv\`
        did you mean conv?
      my.yaml:4:19: CONFIG_UNKNOWN_KEY no setting \`sise\` in host.layers[1]
        did you mean size?
      my.yaml:5:7: CONFIG_MISSING host.layers[2] needs \`units\`
        this setting has no default
      my.yaml:6:7: CONFIG_MISSING host.layers[3] needs \`op\`
        this setting has no default
      my.yaml:7:28: CONFIG_OUT_OF_RANGE host.layers[4].rate wants a number from 0 to 0.95, got 2
      my.yaml:8:7: CONFIG_WRONG_TYPE host.layers[5] wants settings with op one of dense, conv, depthwise, pool, squeeze, norm, activate, dropout, flatten, got \`conv\`"
    `);
  });

  it('in the number of targets names the layers that have units', () => {
    expect(complaint(`${stages}\ngrowth:\n  targetHidden: [8, 8]\n`)).toContain(
      'it has 2 layers, host.layers has 3 layers\n  give one width for each conv and dense layer of host.layers',
    );
  });
});
