/** Kernels and certificates to put on a shelf. */
import { createHash } from 'node:crypto';
import { type BlueprintIR, type Certificate, canonicalText, type Kernel } from '../../../contracts/index.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const blueprintFor = (id: string): BlueprintIR => ({
  id,
  family: 'widen',
  spans: ['layer'],
  nodes: [{ op: 'dense', id, from: 'in', units: 'out', activation: 'linear', bias: false, start: 'zero' }],
  output: id,
  onFossilize: 'trainable',
  tags: [`id:${id}`],
  description: '',
});

export const kernelFor = (id: string): Kernel => ({
  kernelId: `sha256:${sha256(canonicalText(blueprintFor(id)))}-fast`,
  blueprint: blueprintFor(id),
  pipeline: 'fast',
  compileMs: 1,
  referenceParameters: 4096,
});

export const certificateFor = (id: string, change: Partial<Certificate> = {}): Certificate => ({
  kernelId: kernelFor(id).kernelId,
  blueprintId: id,
  verdict: 'VALIDATED',
  riskScore: change.verdict === 'REJECTED' ? 0.3 : 0,
  hazardBand: change.verdict === 'REJECTED' ? 'MEDIUM' : 'LOW',
  tags: ['low_memory'],
  reasons: change.verdict === 'REJECTED' ? ['gradient_vanishes'] : [],
  probes: { gradientNorm: 1 },
  ...change,
});
