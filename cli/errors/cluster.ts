/** Codes of running on many nodes: the placement file, and nodes that come up. */
import type { Row } from './row.ts';

const CHECK = 'esper up --check --config <file>';

export const cluster: readonly Row[] = [
  ['PLACEMENT_INVALID', 'The placement file has problems, each listed with its place.', CHECK],
  ['PLACEMENT_NOT_FOUND', 'There is no placement file at that path.', 'ls config/placement*.yaml'],
  ['PLACEMENT_NO_NODES', 'The placement file names no node.', 'name at least one under nodes'],
  ['PLACEMENT_NODE_TWICE', 'Two nodes of the file have the same name.', 'give every node a name of its own'],
  [
    'PLACEMENT_UNKNOWN_UNIT',
    'A unit is named that is not in the plan.',
    'correct the name, or say its actors',
  ],
  ['PLACEMENT_UNKNOWN_ACTOR', 'A unit holds an actor that does not exist.', 'correct the name'],
  [
    'PLACEMENT_UNKNOWN_NODE',
    'A node is named that is not in the file, or not there.',
    'correct the name, or start it',
  ],
  ['PLACEMENT_UNKNOWN_LABEL', 'A unit wants a label that no node has.', 'correct it, or give it to a node'],
  ['PLACEMENT_ACTOR_TWICE', 'An actor is in two units.', 'name it in one of them'],
  [
    'PLACEMENT_TRIAD_SPLIT',
    'Tolaria, Kasmina and Tamiyo share tensors by reference and cannot be on two nodes.',
    'place them as the unit triad',
  ],
  [
    'PLACEMENT_PIN_MISFIT',
    'A unit is pinned to a node that has not all of its labels.',
    'give the node the label, or take the pin or the label away',
  ],
  ['PLACEMENT_NOWHERE', 'No node has all labels that a unit wants.', 'give one node all of them'],
  ['PLACEMENT_NEEDS_TOO_MUCH', 'A unit needs more than any node has.', 'lower needs, or raise capacity'],
  ['PLACEMENT_WARM_TOO_MANY', 'More nodes are to keep a unit ready than can take it.', 'lower warm'],
  ['PLACEMENT_NEAR_ITSELF', 'A unit is to be near or apart from itself.', 'take it out of its own list'],
  ['PLACEMENT_NEAR_AND_APART', 'A unit is to be near another and apart from it.', 'keep one of the two'],
  [
    'PLACEMENT_SPREAD_IMPOSSIBLE',
    'Units that must be apart have too few nodes.',
    'add a node, or take one out of apart',
  ],
  ['NODE_NAME_LIVE', 'A live process has this node name already.', 'end it, or join under another name'],
  ['NODE_NOT_IN_FILE', 'The placement file names no such node.', CHECK],
];
