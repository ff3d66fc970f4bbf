/** Where the table was taken: the machine, Node and the libraries. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import { version } from '@tensorflow/tfjs';

const load = createRequire(import.meta.url);
const OPTIONAL = [
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs-node-gpu',
  'webgpu',
];

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  /** By package; those that are not installed are left out. */
  readonly packages: Readonly<Record<string, string>>;
}

export function machineHere(): Machine {
  const found = OPTIONAL.flatMap((name) => {
    const installed = versionOf(name);
    return installed === null ? [] : [[name, installed]];
  });
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    packages: { '@tensorflow/tfjs': version.tfjs, ...Object.fromEntries(found) },
  };
}

function versionOf(name: string): string | null {
  for (const folder of load.resolve.paths(name) ?? []) {
    try {
      const { version: installed } = JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8'));
      return installed;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    }
  }
  return null;
}

export const inLines = ({ processor, cores, memoryGiB, node, packages }: Machine): string[] => [
  `Machine: ${processor}, ${cores} cores, ${memoryGiB} GiB, node ${node}`,
  `Packages: ${Object.entries(packages)
    .map(([name, installed]) => `${name} ${installed}`)
    .join(', ')}`,
];
