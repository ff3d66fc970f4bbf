/** The way to a working package as a list of steps, each a sentence and what it does. */
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { nodeHeaders, whyNotStock } from './machine.mjs';

const PACKAGE = '@tensorflow/tfjs-node-gpu';
const VERSION = '4.22.0';
const WHEEL = '2.21.0';
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/** @returns `{ why, steps }`; a step has `says`, and `command` or `work` */
export function stepsFor(options, gpu) {
  const objection = options.tensorflow || options.cpu ? 'a library was chosen' : whyNotStock(gpu);
  const target = resolve(options.target);
  if (options.stock || objection === null) {
    return {
      why: options.stock
        ? 'as asked for: the package as it is published'
        : 'the published package fits this GPU',
      steps: [...install(target, []), verify(target)],
    };
  }
  const { folder, steps } = library(options, gpu);
  const build = [
    ...install(target, ['--ignore-scripts']),
    ...headers(options),
    compile(target, folder, options),
  ];
  return { why: `the addon is compiled here: ${objection}`, steps: [...steps, ...build, verify(target)] };
}

/** Into node_modules and nowhere else: the next `npm ci` starts without it. */
function install(target, flags) {
  // Named as a peer alone, npm would take the package out again: it is optional.
  const command = ['npm', 'install', '--no-save', '--save-prod', '--no-audit', '--no-fund', ...flags];
  return [{ says: `install ${PACKAGE}`, command: [...command, `${PACKAGE}@${VERSION}`], cwd: target }];
}

function library({ tensorflow = 'pip', cpu, cache }, gpu) {
  if (tensorflow !== 'pip') return { folder: () => libraryFolder(resolve(tensorflow)), steps: [] };
  const wheel = cpu || gpu === null ? `tensorflow-cpu==${WHEEL}` : `tensorflow[and-cuda]==${WHEEL}`;
  const place = join(resolve(cache), wheel.replace(/[^a-z0-9.]+/g, '-'));
  const folder = () => libraryFolder(place);
  if (existsSync(join(place, 'tensorflow', LIBRARIES[0]))) return { folder, steps: [] };
  const lean = cpu || gpu === null ? ['--no-deps'] : [];
  const command = ['python3', '-m', 'pip', 'install', '--no-compile', ...lean, '--target', place, wheel];
  const steps = [{ says: `fetch ${wheel} into ${place}`, command }];
  if (lean.length > 0) return { folder, steps };
  const link = { says: 'put CUDA beside the library', work: () => linkCuda(place) };
  return { folder, steps: [...steps, link] };
}

/** The library looks for CUDA in its own folder, wherever else; the wheels of CUDA lie beside it. */
function linkCuda(place) {
  const nvidia = join(place, 'nvidia');
  for (const part of existsSync(nvidia) ? readdirSync(nvidia) : []) {
    const lib = join(nvidia, part, 'lib');
    for (const name of existsSync(lib) ? readdirSync(lib) : []) {
      const link = join(place, 'tensorflow', name);
      if (name.includes('.so') && !existsSync(link)) symlinkSync(join(lib, name), link);
    }
  }
}

/** The folder with the library itself, of a wheel's folder or its parent. */
function libraryFolder(given) {
  const found = [given, join(given, 'tensorflow')].find((folder) =>
    LIBRARIES.every((name) => existsSync(join(folder, name))),
  );
  if (found) return found;
  throw new Error(`no ${LIBRARIES.join(' and ')} in ${given}: name a wheel's tensorflow/ folder`);
}

/** Node's headers come with most installations of Node; npm has them for the others. */
function headers({ cache }) {
  if (nodeHeaders() !== null) return [];
  const command = ['npm', 'install', '--no-save', '--no-audit', '--no-fund', '--prefix', headersHome(cache)];
  const prepare = {
    says: 'make a place for headers',
    work: () => mkdirSync(headersHome(cache), { recursive: true }),
  };
  return [prepare, { says: 'fetch the headers of Node', command: [...command, 'node-api-headers'] }];
}

const headersHome = (cache) => join(resolve(cache), 'headers');

function compile(target, folder, { cache }) {
  const home = join(target, 'node_modules', PACKAGE);
  const addon = join(home, 'lib', 'napi-v8');
  const include = nodeHeaders() ?? join(headersHome(cache), 'node_modules', 'node-api-headers', 'include');
  return {
    says: `compile the addon of ${PACKAGE}`,
    work: () => mkdirSync(addon, { recursive: true }),
    command: () => {
      const sources = readdirSync(join(home, 'binding')).filter((name) => name.endsWith('.cc'));
      const lib = folder();
      return [
        ...[
          'g++',
          '-shared',
          '-fPIC',
          '-std=c++17',
          '-O2',
          '-DNAPI_VERSION=8',
          `-I${include}`,
          `-I${lib}/include`,
        ],
        ...sources.map((name) => join(home, 'binding', basename(name))),
        ...['-o', join(addon, 'tfjs_binding.node'), `-L${lib}`, ...LIBRARIES.map((name) => `-l:${name}`)],
        // The library looks for CUDA beside its own real place, so it is loaded from there and not through a link.
        `-Wl,-rpath,${lib}`,
      ];
    },
    sketch: `g++ ... -o ${join(addon, 'tfjs_binding.node')} -l:${LIBRARIES.join(' -l:')}`,
  };
}

function verify(target) {
  const probe = new URL('./probe.mjs', import.meta.url).pathname;
  return { says: 'load it and multiply', command: [process.execPath, probe, target] };
}
