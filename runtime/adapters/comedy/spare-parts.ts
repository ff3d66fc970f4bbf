/** Loads comedy without the parts of its libraries that nobody here uses: a third of the time, in every thread. */
import { createRequire, Module } from 'node:module';

const require = createRequire(import.meta.url);
type Require = (path: string) => object;

/** By library: how one of its words is found. */
const SPARE: Readonly<Record<string, (own: Require, word: string) => unknown>> = {
  // compares configurations that change
  jsondiffpatch: (own, word) => Reflect.get(own('jsondiffpatch'), word),
  // seventy files, each a word: one or two are asked for
  'underscore.string': (own, word) => own(`underscore.string/${word}.js`),
};

/** All of comedy. What it was loaded without is loaded the moment comedy asks for it; others get it as ever. */
export function loadComedy<Comedy>(): Comedy {
  const own = createRequire(require.resolve('comedy'));
  const lent = Object.entries(SPARE)
    .map(([library, find]) => [own.resolve(library), (word: string) => find(own, word)] as const)
    .filter(([file]) => require.cache[file] === undefined);
  for (const [file, find] of lent) require.cache[file] = standIn(file, find);
  try {
    return require('comedy') as Comedy;
  } finally {
    for (const [file] of lent) delete require.cache[file];
  }
}

function standIn(file: string, find: (word: string) => unknown): NodeJS.Module {
  const module = new Module(file);
  module.exports = new Proxy({}, { get: (_, word) => (typeof word === 'string' ? find(word) : undefined) });
  module.loaded = true;
  return module;
}
