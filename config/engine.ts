/** The versions that decide bit patterns and timings: a certificate or a journal is only as good as the engine it was made on. */
import { createRequire } from 'node:module';
import { wasmHash } from '../nn/kernels/fused.wasm.ts';

const require = createRequire(import.meta.url);
const versionOf = (name: string) => (require(`${name}/package.json`) as { version: string }).version;

/** The installed version of Esper. The build puts this file one folder deeper than the source has it. */
export const esperVersion: string = ((): string => {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const found = require(path) as { name: string; version: string };
      if (found.name === 'esper') return found.version;
    } catch (error) {
      if ((error as { code?: string }).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return 'unknown';
})();

/** Of the kernels that train: other kernels, other bits. */
const kernels = wasmHash.slice(0, 8);

/** For example `esper 0.1.0 node 20.20.2 tfjs 4.22.0 kernels 8af54b9a x64`. */
export const engine = `esper ${esperVersion} node ${process.versions.node} tfjs ${versionOf('@tensorflow/tfjs')} kernels ${kernels} ${process.arch}`;
