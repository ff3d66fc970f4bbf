import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { evolve, forge } from '../../../actors/tezzeret/behaviour.ts';
import { closed, lets } from '../../../actors/tezzeret/breaker.ts';
import { compileFast, type Toolchain } from '../../../actors/tezzeret/fast-tier.ts';
import { tezzeretOptions as limits } from '../../../actors/tezzeret/options.ts';
import { type BlueprintIR, BlueprintProposed, KernelCompiled } from '../../../contracts/index.ts';
import { checkBlueprint, kernelParameters } from '../../../nn/blueprint-check.ts';

const tools: Toolchain = {
  check: (blueprint) => checkBlueprint(blueprint),
  parameters: kernelParameters,
  sha256: (text) => createHash('sha256').update(text).digest('hex'),
};
const plan = (nodes: BlueprintIR['nodes'] = []): BlueprintIR => ({
  id: 'widen-4',
  family: 'widen',
  spans: ['layer'],
  nodes: [
    { op: 'dense', id: 'o', from: 'h', units: 'out', activation: 'linear', bias: false, start: 'zero' },
    { op: 'dense', id: 'h', from: 'in', units: 4, activation: 'tanh', bias: true, start: 'he' },
    ...nodes,
  ],
  output: 'o',
  onFossilize: 'trainable',
  tags: [],
  description: '',
});
const proposal = (blueprint = plan()) =>
  BlueprintProposed.of({ requestId: 'r-1', blueprint, parents: ['p'] });
const ticking = (stepMs: number) => {
  let now = 0;
  return () => {
    now += stepMs;
    return now;
  };
};
const broken: Toolchain = {
  ...tools,
  sha256: () => {
    throw new Error('no hash today');
  },
};

describe('Tezzeret', () => {
  it('makes a kernel whose name is its content, and measures how long it took', () => {
    const { news } = forge(closed, proposal(), tools, limits, ticking(7));

    expect(() => KernelCompiled.parse(news)).not.toThrow();
    expect(news).toMatchObject({
      type: 'tezzeret.kernel.compiled',
      requestId: 'r-1',
      parents: ['p'],
      kernel: { pipeline: 'fast', compileMs: 7, referenceParameters: 64 * 4 + 4 + 4 * 64 },
    });
  });

  it('gives equal graphs one kernel, whatever their order, name or useless nodes', () => {
    const useless = { op: 'activate', id: 'z', from: 'in', activation: 'tanh' } as const;
    const nameOf = (blueprint: BlueprintIR) => {
      const compiled = compileFast(blueprint, 'lean', tools);
      return compiled.kind === 'kernel' ? compiled.kernelId : compiled.reasons;
    };

    expect(nameOf(plan([useless]))).toBe(nameOf(plan()));
    expect(nameOf({ ...plan(), id: 'other', nodes: plan().nodes.toReversed() })).toBe(nameOf(plan()));
    expect(nameOf({ ...plan(), spans: ['residual'] })).not.toBe(nameOf(plan()));
  });

  it('writes nodes so that each follows what it reads', () => {
    const compiled = compileFast(plan(), 'lean', tools);

    expect(compiled.kind === 'kernel' && compiled.blueprint.nodes.map(({ id }) => id)).toEqual(['h', 'o']);
  });

  it('rejects a plan that the static check refuses, with its reasons', () => {
    const { news, event } = forge(
      closed,
      proposal({ ...plan(), output: 'nowhere' }),
      tools,
      limits,
      ticking(1),
    );

    expect(news).toMatchObject({ type: 'tezzeret.blueprint.rejected', reasons: ['OUTPUT_MISSING nowhere'] });
    expect(event).toEqual({ kind: 'compiled' });
  });

  it('tries once more with other settings when the compiler itself fails', () => {
    let calls = 0;
    const moody: Toolchain = {
      ...tools,
      sha256: (text) => {
        if (calls++ === 0) throw new Error('no hash today');
        return tools.sha256(text);
      },
    };

    expect(forge(closed, proposal(), moody, limits, ticking(1)).news.type).toBe('tezzeret.kernel.compiled');
    expect(forge(closed, proposal(), broken, limits, ticking(1)).news).toMatchObject({
      reasons: [
        'compiling lean failed: UNEXPECTED no hash today',
        'compiling as_written failed: UNEXPECTED no hash today',
      ],
    });
  });

  it('rests for a minute after five failures, then lets one through to see', () => {
    let breaker = closed;
    for (let i = 0; i < 5; i++) {
      expect(lets(breaker, 0, limits)).toBe(true);
      const { event } = forge(breaker, proposal(), broken, limits, () => 0);
      if (event) breaker = evolve(breaker, event);
    }

    expect(forge(breaker, proposal(), tools, limits, () => 59_999).news).toMatchObject({
      reasons: ['compiler_resting'],
    });
    const again = forge(breaker, proposal(), broken, limits, () => 60_000);
    expect(again.event && lets(evolve(breaker, again.event), 60_001, limits)).toBe(false);
    const well = forge(breaker, proposal(), tools, limits, () => 60_000);
    expect(well.event && evolve(breaker, well.event)).toEqual(closed);
  });
});
