// Who may lean on whom. Each rule's name says what it keeps; docs/tour.md draws the result.
const rooms = '^(actors|runtime|contracts|machines|nn|config|cli|web|test|bench|examples)/';
const may = (from, ...to) => ({
  name: `${from}-leans-only-on-${to.join('-') || 'nobody'}`,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: rooms, pathNot: [from, ...to].map((room) => `^${room}/`) },
});

module.exports = {
  forbidden: [
    may('contracts'),
    may('machines', 'contracts'),
    may('nn', 'contracts'),
    may('web', 'contracts'),
    may('runtime', 'contracts', 'machines'),
    may('actors', 'runtime', 'contracts', 'machines', 'nn'),
    may('config', 'actors', 'runtime', 'contracts', 'machines', 'nn'),
    may('cli', 'config', 'actors', 'runtime', 'contracts', 'machines', 'nn'),
    {
      name: 'actors-meet-through-contracts',
      severity: 'error',
      from: { path: '^actors/([^/]+)/' },
      to: { path: '^actors/[^/]+/', pathNot: '^actors/$1/' },
    },
    {
      name: 'drivers-live-in-adapters',
      severity: 'error',
      from: { path: rooms, pathNot: '^(runtime/adapters|nn/adapters|contracts/codec|test|bench)' },
      to: {
        path: 'node_modules/(comedy|bluebird|nats|@nats-io|pg|minio|pino|prom-client|msgpackr|@tensorflow/tfjs-backend)',
      },
    },
    {
      name: 'the-core-is-pure',
      severity: 'error',
      from: { path: '^(contracts|machines|nn)/', pathNot: '^nn/(adapters/|kernels/build[.])' },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^nn/kernels/assembly/' }, // another language: it only looks like TypeScript
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
