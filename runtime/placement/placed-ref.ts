/** Refs to units by name: the same words on every node, wherever the unit is. */
import type { CommandGiven, StatusWanted } from '../../contracts/placement-messages.ts';
import type { Message } from '../actor/messages.ts';
import type { Ref } from '../actor/ref.ts';
import type { ActorSystem } from '../system.ts';
import { placedPath, STEWARD } from './names.ts';

/**
 * Messages are held, in order and bounded, while the unit is on its way. A tell that finds no room is a dead letter, an ask
 * is refused with UNIT_MAIL_FULL.
 */
export const placedRef = <M extends Message = Message>(
  system: Pick<ActorSystem, 'ref'>,
  unit: string,
): Ref<M> => system.ref<M>(placedPath(unit));

/** The steward, on whichever node it is: takes commands, tells the status. */
export const stewardRef = (system: Pick<ActorSystem, 'ref'>): Ref<CommandGiven | StatusWanted> =>
  placedRef(system, STEWARD);
