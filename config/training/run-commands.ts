/** What people may ask of a run that is open. */
import type { TolariaMessage } from '../../actors/tolaria/actor.ts';
import type { TolariaArgs } from '../../actors/tolaria/deps.ts';
import type { Given } from '../../actors/tolaria/orders.ts';
import type { CommandedBy, RunCommand, RunSettings } from '../../contracts/index.ts';
import type { ActorSystem } from '../../runtime/index.ts';

/** Milliseconds in `withinMs`: how long the run may take to hear it, and to do it. */
export interface RunCommands {
  /** Asks for an orderly end: saved, then closed. */
  stop(): void;
  /** Stands still before the next step until `goOn`; false when it did already. What is computed stays the same. */
  pause(withinMs: number): Promise<boolean>;
  /** False when nothing stood still. */
  goOn(withinMs: number): Promise<boolean>;
  /** Writes the newest boundary unless it is on disk; resolves with its number. @throws TOLARIA_CHECKPOINT_FAILED */
  checkpoint(withinMs: number): Promise<number>;
  /** Taken on at once; it acts at a boundary, or is refused there. @throws TOLARIA_... when it can be known before */
  command(command: RunCommand, by: CommandedBy): Given;
  /** Live settings as they count now. */
  settings(): RunSettings;
}

export function commandsOf(system: ActorSystem, { orders, settings }: TolariaArgs): RunCommands {
  const trainer = system.ref<TolariaMessage>('training/tolaria');
  return {
    stop: () => void trainer.send({ type: 'tolaria.stop' }, { priority: 'system' }),
    pause: (withinMs) => trainer.ask<boolean>({ type: 'tolaria.pause' }, { withinMs }),
    goOn: (withinMs) => trainer.ask<boolean>({ type: 'tolaria.resume' }, { withinMs }),
    checkpoint: (withinMs) => trainer.ask<number>({ type: 'tolaria.checkpoint' }, { withinMs }),
    command: (command, by) => orders.give(command, by),
    settings: () => settings.now(),
  };
}
