/** Loads comedy without the parts that nobody here uses: half of the time it takes, in every thread. */
import { createRequire, Module } from 'node:module';

const require = createRequire(import.meta.url);

type Require = (path: string) => Part;
/** What a part exports: it may be a library of words, a function or a class. */
type Part = (new (...args: unknown[]) => object) & ((...args: unknown[]) => unknown);
/** How one word of a part is found. */
type Find = (own: Require, word: string) => unknown;

const wordOf =
  (part: string): Find =>
  (own, word) =>
    Reflect.get(own(part), word);

/** Comedy names them all at its top; here are only actors in memory, which are busy when their mailboxes say so. */
const UNUSED = [
  './lib/forked-actor-parent.js',
  './lib/forked-actor-child.js',
  './lib/remote-actor-parent.js',
  './lib/remote-actor-child.js',
  './lib/threaded-actor-parent.js',
  './lib/threaded-actor-child.js',
  './lib/balancers/round-robin-balancer-actor.js',
  './lib/balancers/random-balancer-actor.js',
  './lib/balancers/custom-balancer-actor.js',
  './lib/marshallers/forked-actor-reference-marshaller.js',
  './lib/marshallers/remote-actor-reference-marshaller.js',
  './lib/net/message-socket.js',
  'app-root-path',
  'jsondiffpatch',
  'randomstring',
  'require-dir',
  'toobusy-js',
  'tosource',
];

/** By part: how its words are found. */
const SPARE: Readonly<Record<string, Find>> = {
  ...Object.fromEntries(UNUSED.map((part) => [part, wordOf(part)])),
  // twenty files: one makes the ids of actors
  bson: (own, word) => (word === 'ObjectID' ? own('bson/lib/bson/objectid.js') : wordOf('bson')(own, word)),
  // seventy files, each a word: one or two are asked for
  'underscore.string': (own, word) => own(`underscore.string/${word}.js`),
  // a console logger is made before anybody can give another one: this one is made when it has to say something
  winston(own, word) {
    const find = () => wordOf('winston')(own, word) as Part;
    if (word === 'Logger') return unborn(find);
    return word === 'transports' ? { Console: unborn(() => Reflect.get(find(), 'Console')) } : find();
  },
};

/** All of comedy. What it was loaded without is loaded the moment comedy asks for it; others get it as ever. */
export function loadComedy<Comedy>(): Comedy {
  const own = createRequire(require.resolve('comedy'));
  const lent = Object.entries(SPARE)
    .map(([part, find]) => ({ part, file: own.resolve(part), find }))
    .filter(({ file }) => require.cache[file] === undefined);
  for (const { part, file, find } of lent)
    require.cache[file] = standIn(
      file,
      () => own(part),
      (word) => find(own, word),
    );
  try {
    return require('comedy') as Comedy;
  } finally {
    for (const { file } of lent) delete require.cache[file];
  }
}

function standIn(file: string, load: () => Part, find: (word: string) => unknown): NodeJS.Module {
  const module = new Module(file);
  module.exports = new Proxy(nobody, {
    get: (_, word) => (typeof word === 'string' ? find(word) : undefined),
    apply: (_, self, args) => Reflect.apply(load(), self, args),
    construct: (_, args) => Reflect.construct(load(), args),
  });
  module.loaded = true;
  return module;
}

/** A class whose instances are made when something is asked of them. */
function unborn(find: () => Part): object {
  return new Proxy(nobody, {
    construct(_, args) {
      let born: object | null = null;
      const real = () => {
        born ??= Reflect.construct(find(), args);
        return born;
      };
      return new Proxy(
        {},
        {
          get: (_target, word) => Reflect.get(real(), word),
          set: (_target, word, value) => Reflect.set(real(), word, value),
          has: (_target, word) => Reflect.has(real(), word),
        },
      );
    },
  });
}

/** Stands behind whatever can be called or made: an arrow cannot be made. */
function nobody(): void {}
