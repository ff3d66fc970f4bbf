/** Compiles the AssemblyScript kernels into TypeScript modules that carry their bytes and where they came from. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

const assembly = join(import.meta.dirname, 'assembly');

/** By module name: the folder whose index.ts is compiled, and the flags it needs beyond the common ones. */
const modules = {
  pack: { folder: 'pack', flags: [] },
  fused: { folder: 'fused', flags: [] },
  'fused-shared': {
    folder: 'fused',
    flags: ['--sharedMemory', '--enable', 'threads', '--initialMemory', '1', '--maximumMemory', '65536'],
  },
};

/** No runtime, no heap of its own, nothing at fixed addresses: the memory belongs to whoever lends it. */
const commonFlags = [
  ...['--runtime', 'stub', '--importMemory', '--noExportMemory', '--noAssert', '--use', 'abort='],
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--enable', 'simd'],
];

const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/** One hash over the names and texts of all files that a module is made of. */
export function sourceHashOf(name) {
  const files = [modules[name].folder, 'shared'].flatMap((part) => sourcesUnder(join(assembly, part))).sort();
  const text = (file) => `${relative(assembly, file).replaceAll('\\', '/')}\n${readFileSync(file, 'utf8')}\n`;
  return sha256(files.map(text).join(''));
}

function sourcesUnder(folder) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.ts'));
  return names.map((name) => join(folder, name));
}

/** Compiles one module in memory. @returns its bytes; throws with the compiler's words when it does not compile */
async function compile(name) {
  const { folder, flags } = modules[name];
  const { default: asc } = await import('assemblyscript/asc');
  let bytes = null;
  const { error, stderr } = await asc.main(
    [`${folder}/index.ts`, '--baseDir', assembly, '--outFile', 'out.wasm', ...commonFlags, ...flags],
    {
      writeFile: (_, data) => {
        bytes = data;
      },
    },
  );
  if (error !== null || bytes === null) throw new Error(`${name} does not compile:\n${stderr.toString()}`);
  const compiled = new WebAssembly.Module(bytes);
  const strangers = WebAssembly.Module.imports(compiled).filter(({ kind }) => kind !== 'memory');
  if (strangers.length > 0)
    throw new Error(`${name} asks for more than a memory: ${JSON.stringify(strangers)}`);
  return bytes;
}

/** The text of `<name>.wasm.ts`. */
async function artifactOf(name) {
  const bytes = await compile(name);
  return [
    `/** The kernel module \`${name}\`, compiled by \`npm run kernels\`; the hashes tie it to its source. */`,
    `export const sourceHash = '${sourceHashOf(name)}';`,
    `export const wasmHash = '${sha256(bytes)}';`,
    `export const bytes =\n  '${Buffer.from(bytes).toString('base64')}';`,
    '',
  ].join('\n');
}

/** Writes every artifact whose source exists; with `--check`, only says which differ. */
async function main(check) {
  const stale = [];
  for (const name of Object.keys(modules)) {
    if (!existsSync(join(assembly, modules[name].folder, 'index.ts'))) continue;
    const path = join(import.meta.dirname, `${name}.wasm.ts`);
    const text = await artifactOf(name);
    const same = existsSync(path) && readFileSync(path, 'utf8') === text;
    if (!same && check) stale.push(name);
    if (!same && !check) writeFileSync(path, text);
    const [, base64] = text.match(/'([^']*)';\n$/);
    process.stdout.write(
      `${name}: ${Buffer.from(base64, 'base64').length} bytes${same ? '' : check ? ', STALE' : ', written'}\n`,
    );
  }
  if (stale.length > 0) {
    process.stderr.write(`not what the source compiles to: ${stale.join(', ')}; run npm run kernels\n`);
    process.exitCode = 1;
  }
}

const startedHere = process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href;
if (startedHere) await main(process.argv.includes('--check'));
