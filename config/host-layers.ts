/** What the settings of a host say before any data is seen: its widths at birth, and what rows are inside it. */
import type { HostConfig, RowKind } from '../contracts/index.ts';

/** Units of each layer that can grow, and the setting they come from. */
export function bornUnits({ layers = [], hidden }: HostConfig): {
  readonly path: 'host.layers' | 'host.hidden';
  readonly units: readonly number[];
} {
  if (layers.length === 0) return { path: 'host.hidden', units: hidden };
  return { path: 'host.layers', units: layers.flatMap((layer) => ('units' in layer ? [layer.units] : [])) };
}

const OF_IMAGES: ReadonlySet<string> = new Set(['conv', 'depthwise', 'pool']);

/** Convolutions and pools see images; without them every row is a list of numbers. */
export const rowKindOf = ({ layers = [] }: HostConfig): RowKind =>
  layers.some(({ op }) => OF_IMAGES.has(op)) ? 'image' : 'vector';
