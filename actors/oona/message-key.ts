/** What makes two messages the same one: their id, on their topic. */
import { BUS_ID } from '../../contracts/index.ts';
import type { BusMessage } from '../../runtime/index.ts';

/** One id on two topics names two messages: whoever says something twice says it in the same place. */
export const keyOf = ({ topic, id }: Pick<BusMessage, 'id' | 'topic'>): string => `${topic}/${id}`;

const ID = new RegExp(BUS_ID);

/** May a message be called that? */
export const isId = (id: string): boolean => ID.test(id);
