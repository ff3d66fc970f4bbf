/** Named places where a test may pull the plug: between two steps that must never be left half done. */

/** Named after the steps they stand between. Each is met in the code exactly where its name says. */
export type FailPoint =
  | 'walBeforeAppend'
  | 'walAfterAppendBeforeSync'
  | 'walAfterSync'
  | 'segmentBeforeRotate'
  | 'segmentAfterRotate'
  | 'retentionBeforeRemove'
  | 'snapshotBeforeWrite'
  | 'snapshotBeforeRename'
  | 'snapshotAfterRenameBeforeDirSync'
  | 'eventsBeforeAppend'
  | 'eventsAfterAppendBeforeEvolve'
  | 'rollbackAfterLoadBeforeResume'
  | 'supervisorBetweenStopAndStart'
  | 'outboxBeforeAck'
  | 'leaseBeforeRenew';

export interface FailPoints {
  /** Does nothing in a product; a test throws, waits or ends the process here. */
  hit(point: FailPoint): void;
}
