/** What people may ask of a run that is open. */
import type { TolariaMessage } from '../../actors/tolaria/actor.ts';
import type { TolariaArgs } from '../../actors/tolaria/deps.ts';
import type { Given } from '../../actors/tolaria/orders.ts';
import type { CommandedBy, RunCommand, RunSettings } from '../../contracts/index.ts';
import type { ActorSystem } from '../../runtime/index.ts';

/** How long a run may take to hear a command, and to write a checkpoint. */
const COMMAND_WITHIN_MS = 10_000;
const CHECKPOINT_WITHIN_MS = 60_000;

export interface RunCommands {
  /** Asks for an orderly end: saved, then closed. */
  stop(): void;
  /** Stands still before the next step until `goOn`; false when it did already. What is computed stays the same. */
  pause(): Promise<boolean>;
  /** False when nothing stood still. */
  goOn(): Promise<boolean>;
  /** Writes the newest boundary unless it is on disk; resolves with its number. @throws TOLARIA_CHECKPOINT_FAILED */
  checkpoint(): Promise<number>;
  /** Taken on at once; it acts at a boundary, or is refused there. @throws TOLARIA_... when it can be known before */
  command(command: RunCommand, by: CommandedBy): Given;
  /** Live settings as they count now. */
  settings(): RunSettings;
}

export function commandsOf(system: ActorSystem, { orders, settings }: TolariaArgs): RunCommands {
  const trainer = system.ref<TolariaMessage>('training/tolaria');
  const within = { withinMs: COMMAND_WITHIN_MS };
  return {
    stop: () => void trainer.send({ type: 'tolaria.stop' }, { priority: 'system' }),
    pause: () => trainer.ask<boolean>({ type: 'tolaria.pause' }, within),
    goOn: () => trainer.ask<boolean>({ type: 'tolaria.resume' }, within),
    checkpoint: () => trainer.ask<number>({ type: 'tolaria.checkpoint' }, { withinMs: CHECKPOINT_WITHIN_MS }),
    command: (command, by) => orders.give(command, by),
    settings: () => settings.now(),
  };
}
