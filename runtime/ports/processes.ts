/** Who is running on this machine: a pid alone may have been given to somebody else since. */

export interface ProcessIdentity {
  readonly pid: number;
  /** When the process started, in whatever form the system tells it; empty when it does not. */
  readonly started: string;
}

export interface Processes {
  self(): ProcessIdentity;
  /** True while that very process runs; true also when this cannot be told. */
  alive(who: ProcessIdentity): boolean;
}
