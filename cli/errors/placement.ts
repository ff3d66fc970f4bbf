/** Codes of placement: met by those who run units of actors on several nodes. */
import type { Row } from './row.ts';

export const placement: readonly Row[] = [
  ['NODE_CANNOT_RUN', 'The node has no code for the unit.', 'run the same version on all nodes'],
  ['NODE_CORDONED', 'The node takes nothing new.', 'uncordon it when it shall work again'],
  [
    'NODE_HAS_RIVALS',
    'The node runs something the unit must be apart from.',
    'add a node, or place the rival elsewhere',
  ],
  ['NODE_LACKS_CORES', 'The node has fewer cores than the unit needs.', 'lower its needs, or add a node'],
  ['NODE_LACKS_GPUS', 'The node has no free GPU for the unit.', 'lower its needs, or add a node'],
  [
    'NODE_LACKS_LABELS',
    'The node lacks a label that the unit asks for.',
    'give the label to a node that fits',
  ],
  [
    'NODE_LACKS_MEMORY',
    'The node has too little free memory for the unit.',
    'lower its needs, or add a node',
  ],
  ['NODE_NOT_EMPTY', 'A node cannot leave while units run on it.', 'drain it, and wait until it is empty'],
  ['NODE_NOT_THE_PIN', 'The unit is pinned to another node.', 'start that node, or change the pin'],
  ['NODE_UNREACHABLE', 'The node is silent for now.', 'esper admin nodes says when it is back'],
  [
    'NODE_STARVING',
    'Tasks on the node wait too long for their turn already.',
    'add a node, or take work from it',
  ],
  [
    'PLACEMENT_MISREAD',
    'A message about placement is not what its contract says.',
    'run the same version on all nodes',
  ],
  ['PLACEMENT_NOT_STORED', 'The lease store did not take the change.', 'try again when the broker answers'],
  [
    'PLACEMENT_NOWHERE_ELSE',
    'No other node can have the unit.',
    'look at the status for what each node lacks',
  ],
  [
    'PLACEMENT_OVERTAKEN',
    'Another steward has written the placement.',
    'ask again: the newer steward goes on',
  ],
  ['PLACEMENT_PLAN_OLD', 'A newer plan is in force.', 'raise its generation'],
  ['PLACEMENT_PLAN_TWICE', 'A plan names a unit twice.', 'give every unit its own name'],
  [
    'PLACEMENT_RECORD_INVALID',
    'What is written under the key of the placement is none.',
    'see who else writes there',
  ],
  [
    'PLACEMENT_STATE_BROKEN',
    'Pieces of a state did not come, or cannot be read, on the node it went to.',
    'nothing: the unit goes on where it was; move it again',
  ],
  [
    'PLACEMENT_STATE_CROWDED',
    'Too many large states wait on the node at the same time.',
    'move one unit after the other',
  ],
  [
    'PLACEMENT_STATE_LATE',
    'A state took too long to be carried to another node.',
    'see how far away that node is, then move the unit again',
  ],
  [
    'PLACEMENT_STATE_TOO_LARGE',
    'A unit holds more than can be handed over; it goes on where it is.',
    'handover: restart moves it with nothing but what was stored',
  ],
  ['STEWARD_NOT_READY', 'The steward has just begun, or is about to end.', 'ask again in a moment'],
  [
    'NODE_DRAIN_LATE',
    'The node is not empty yet; what is left on it goes on moving.',
    'esper admin nodes says what is left, esper admin actors describe <unit> why',
  ],
  [
    'NODE_LEAVE_LATE',
    'The node that shall leave is not empty yet; it leaves when it is.',
    'esper admin nodes says what is left; esper admin node uncordon <node> keeps it',
  ],
  ['UNIT_ALREADY_THERE', 'The unit is on that node already.', 'esper admin actors ls says what is where'],
  [
    'UNIT_MOVE_LATE',
    'The unit is not where it was wanted yet; it may still get there.',
    'esper admin actors describe <unit>',
  ],
  [
    'UNIT_NOT_MOVED',
    'The unit did not move and will not by itself; the message says why.',
    'see to the reason, then move it again',
  ],
  ['UNIT_BUSY', 'The unit is on its way out of the node.', 'wait until it has arrived, then ask again'],
  ['UNIT_DOWN', 'A unit went down; it is offered to the nodes again.', 'read what its node logged before'],
  ['UNIT_EMPTY', 'The factory of a unit gave no actors.', 'give at least one child'],
  [
    'UNIT_NOT_HERE',
    'Mail came to a node that the unit has left, or is not on yet.',
    'nothing: its sender carries it on',
  ],
  ['UNIT_MAIL_FULL', 'Too many messages wait for a unit that is on its way.', 'ask again when it runs'],
  [
    'RUN_FOLDER_ELSEWHERE',
    'A run was to move to a node that does not see its folder.',
    'give both nodes one --home on a shared disk',
  ],
  ['RUN_NOT_OPEN', 'The run is still being opened.', 'move it once it trains'],
  ['RUN_SLOW_TO_STOP', 'The run took too long to stop; it goes on where it is.', 'move it again later'],
  ['UNIT_MAIL_UNKNOWN', 'No actor of the unit understands the message.', 'send it to the unit it is for'],
  [
    'UNIT_STATE_INVALID',
    'What a unit brought from its last node is not its state.',
    'run the same version on every node',
  ],
  ['UNIT_WORD_INVALID', 'Node and thread speak different versions.', 'start the node again'],
  ['UNIT_NOT_YOURS', 'Only the node of a unit may take its state.', 'move it: esper admin actors move'],
  ['UNIT_NOT_RUNNING', 'The unit does not run there now.', 'look at the status, then ask again'],
  ['UNIT_NOT_STARTED', 'A unit could not start where it was placed.', 'read what that node logged'],
];
