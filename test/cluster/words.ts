/** What the suite says to its node processes, and what they say to it: one JSON object a line. */
import type { SimEvent } from '../sim/events.ts';

/** Exit code of a node that was told that another process has its name. */
export const REPLACED_CODE = 3;

export type Command =
  /** Ask a shop for `amount`, from here. */
  | {
      readonly do: 'order';
      readonly id: string;
      readonly shop: string;
      readonly amount: number;
      readonly withinMs: number;
    }
  /** Send the next of this node's letters to a sink. */
  | { readonly do: 'letter'; readonly to: string }
  /** Say what this node's shop holds, and the ledger if it is here. */
  | { readonly do: 'look' }
  /** Publish job `id` on the bus, on a critical topic. */
  | { readonly do: 'job'; readonly id: string }
  /** Publish `count` telemetry messages. */
  | { readonly do: 'telemetry'; readonly count: number }
  /** Send the next of this node's entries to the placed register, wherever it is. */
  | { readonly do: 'put' }
  /** Tell the steward to move the register. */
  | { readonly do: 'move'; readonly to: string }
  /** Say the counters. */
  | { readonly do: 'counters' };

export type News =
  | { readonly is: 'ready'; readonly epoch: number }
  | { readonly is: 'note'; readonly atMs: number; readonly event: SimEvent }
  /** How another node looks from here. */
  | {
      readonly is: 'peer';
      readonly atMs: number;
      readonly node: string;
      readonly state: string;
      readonly epoch: number;
    }
  /** The broker is there or not, as this node believes. */
  | { readonly is: 'broker'; readonly atMs: number; readonly connected: boolean }
  /** A job was stored, refused, or handled here. */
  | {
      readonly is: 'job';
      readonly atMs: number;
      readonly id: string;
      readonly what: 'taken' | 'refused' | 'handled';
    }
  /** Steps of this node's training loop in the last 100 ms of its own clock. */
  | { readonly is: 'steps'; readonly atMs: number; readonly count: number }
  | { readonly is: 'counters'; readonly atMs: number; readonly counters: Readonly<Record<string, number>> }
  /** An entry was sent. */
  | { readonly is: 'put'; readonly atMs: number; readonly from: string; readonly n: number }
  /** The register began here, with so many entries. */
  | { readonly is: 'register'; readonly atMs: number; readonly epoch: number; readonly entries: number }
  /** This node was told that it is out. */
  | { readonly is: 'replaced'; readonly atMs: number };
