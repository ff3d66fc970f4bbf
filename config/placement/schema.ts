/** What a person may write in a placement file, with a line of prose for every setting. */
import type { Schema } from '../schema.ts';

const name = { type: 'string', pattern: '^[a-z][a-z0-9_-]{0,63}$' } as const;
const names = (description: string): Schema => ({ type: 'array', items: name, description, default: [] });

const amounts = (whose: string): Readonly<Record<string, Schema>> => ({
  cores: { type: 'number', exclusiveMinimum: 0, description: `Processor cores ${whose}.` },
  memoryMb: { type: 'integer', minimum: 1, description: `Megabytes of memory ${whose}.` },
  gpus: { type: 'integer', minimum: 0, description: `Graphics processors ${whose}.` },
});

const section = (description: string, properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  description,
  additionalProperties: false,
  properties,
});

const node: Schema = {
  ...section('A machine, or one process of several on a machine.', {
    name: { ...name, description: 'Name of the node: what follows `esper up --node`.' },
    labels: names('Words that units ask for, such as training or gpu.'),
    capacity: section(
      'What the node brings; what is left out is measured there.',
      amounts('that units may count on'),
    ),
  }),
  required: ['name'],
};

const unit = section('Actors that are placed together.', {
  actors: names('Actors in it; several make a co-location group. A unit named after an actor holds it.'),
  labels: names('Labels a node must have, all of them.'),
  pin: { ...name, description: 'The only node it may be on.' },
  apart: names('Units it must not share a node with.'),
  near: names('Units it would rather be close to.'),
  needs: section('What a node must have to take it.', amounts('it needs')),
  warm: { type: 'integer', minimum: 0, description: 'Further nodes that keep it ready.', default: 0 },
  handover: {
    enum: ['state', 'restart'],
    description: 'What a move takes along: the state of its actors, or nothing.',
    default: 'state',
  },
});

/** The whole file. */
export const placementSchema: Schema = {
  ...section('Where the actors of a cluster run.', {
    cluster: { ...name, description: 'First word of all subjects and keys at the broker.', default: 'esper' },
    generation: {
      type: 'integer',
      minimum: 1,
      description: 'Raise it with every change: of two files that nodes bring, the higher one counts.',
      default: 1,
    },
    nats: {
      type: 'string',
      pattern: '^(nats|tls)://',
      description: 'Address of the broker; NATS_URL and --nats come before it.',
      default: 'nats://127.0.0.1:4222',
    },
    beatMs: {
      type: 'integer',
      minimum: 100,
      maximum: 1_000,
      description: 'Milliseconds between two beats of a node; three missed ones make it unreachable.',
      default: 900,
    },
    leaseMs: {
      type: 'integer',
      minimum: 1_500,
      maximum: 6_000,
      description: 'Milliseconds a silent node keeps its units; after that they are placed elsewhere.',
      default: 6_000,
    },
    nodes: { type: 'array', items: node, description: 'The nodes there may be.' },
    units: {
      type: 'object',
      description: 'What runs, by name. Actors that are named nowhere run anywhere.',
      patternProperties: { '^[a-z][a-z0-9_-]{0,63}$': unit },
      default: {},
    },
  }),
  required: ['nodes'],
};
