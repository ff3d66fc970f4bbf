/** A newcomer listens before it says or takes anything: nodes that speak another protocol are heard in their beats. */
import type { Clock, Transport } from '../../runtime/index.ts';
import { openEnvelope } from '../../runtime/remote/gate.ts';
import { engine } from '../engine.ts';
import { otherProtocol } from './errors.ts';

export interface FirstListen {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly prefix: string;
  /** Of this node. */
  readonly name: string;
  readonly protocol: string;
  /** Milliseconds; a little more than a beat hears everybody who is there. */
  readonly forMs: number;
}

/** Resolves when all that beat speak as this node does. @throws NODE_INCOMPATIBLE naming one that does not, and its engine */
export async function refuseOtherProtocol(options: FirstListen): Promise<void> {
  const { transport, clock, prefix, name, protocol, forMs } = options;
  await new Promise<void>((resolve, reject) => {
    const end = (settle: () => void) => {
      leave();
      cancel();
      settle();
    };
    const leave = transport.subscribe(`${prefix}.beat`, (bytes) => {
      const heard = openEnvelope(bytes, transport.maxBytes);
      if ('refused' in heard || heard.is !== 'beat' || heard.from === name || heard.leaving) return;
      if (heard.protocol === protocol) return;
      end(() => reject(otherProtocol(name, heard.from, engineIn(heard.inventory), engine)));
    });
    const cancel = clock.after(forMs, () => end(resolve));
  });
}

/** What a node computes with, as its inventory says. */
export const engineIn = (inventory: Readonly<Record<string, unknown>>): string =>
  String((inventory.placement as { engine?: unknown } | undefined)?.engine ?? '');
