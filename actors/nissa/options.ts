/** How much of the past Nissa keeps. */
export interface NissaOptions {
  /** Run events, decisions and field reports kept, each. Older ones are forgotten; counters are not. */
  readonly kept: number;
}

export const nissaOptions: NissaOptions = { kept: 500 };
