/** When Tezzeret stops trying for a while. */
export interface TezzeretOptions {
  /** Compilations in a row that failed for no fault of the blueprint; then the breaker opens. */
  readonly failures: number;
  /** How long it stays open, in ms; afterwards one compilation is let through to see. */
  readonly openMs: number;
}

export const tezzeretOptions: TezzeretOptions = { failures: 5, openMs: 60_000 };
