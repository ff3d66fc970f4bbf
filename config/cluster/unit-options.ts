/** What the units of a node are made from: the node's bus, its folders, and whom to tell. */
import type { OonaBus } from '../../actors/oona/oona-bus.ts';
import type { RunConfig } from '../../contracts/index.ts';
import type { HostPorts } from '../hosts/ports.ts';
import type { ClusterNews } from './news.ts';

/** The run that this node would train. */
export interface PlacedRun {
  readonly config: RunConfig;
  /** For the run's record: its config file. */
  readonly origin: string;
  readonly dataDirs: readonly string[];
}

export interface UnitOptions {
  /** Of the node; there from the moment it has joined. */
  readonly bus: () => OonaBus;
  readonly ports: HostPorts;
  /** Folder with `runs/` and Urza's library. */
  readonly home: string;
  readonly logFile: string;
  /** Null: this node cannot be given the triad. */
  readonly run: PlacedRun | null;
  readonly tell: (news: ClusterNews) => void;
}
