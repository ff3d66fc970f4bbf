/** What became of the messages of a memory broker: every one is counted somewhere. */
export interface BrokerCounts {
  published: number;
  delivered: number;
  /** Published while the client could not reach the broker and had not noticed. */
  lostWhileDown: number;
  /** Under way when the broker went down or a partition came. */
  lostUnderWay: number;
  partitioned: number;
  dropped: number;
  duplicated: number;
  shedForSlow: number;
}

export const noCounts = (): BrokerCounts => ({
  published: 0,
  delivered: 0,
  lostWhileDown: 0,
  lostUnderWay: 0,
  partitioned: 0,
  dropped: 0,
  duplicated: 0,
  shedForSlow: 0,
});
