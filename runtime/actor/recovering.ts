/** How a durable life begins: with what was written. */
import type { AnyDefinition, Cx } from './behaviour.ts';
import type { Kernel } from './kernel.ts';
import type { Message } from './messages.ts';
import type { Turns } from './turns.ts';

/** The cell whose life begins. */
export interface Recovering {
  readonly kernel: Kernel;
  readonly definition: AnyDefinition;
  readonly cx: Cx<Message>;
  readonly loop: Turns;
  recovering: boolean;
}

/** @throws what `Durability.recover` and `recovered` throw */
export async function recover(cell: Recovering, args: unknown): Promise<unknown> {
  const { kernel, definition, cx, loop } = cell;
  const { life } = loop;
  cell.recovering = true;
  const { state, diary, recovery } = await kernel.durability.recover(definition, cx, args);
  if (life === loop.life) {
    cell.recovering = false;
    loop.diary = diary;
    definition.recovered?.(state, cx, recovery);
  }
  return state;
}
