/** Questions and answers over a broker, and services that anybody can discover and ask with a stock client. */

export interface Asked {
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface EndpointSpec {
  /** `[A-Za-z0-9_-]{1,64}`. */
  readonly name: string;
  readonly subject: string;
  /** Those of one queue share the questions; each with a queue of its own gets all. Default `q`. */
  readonly queue?: string;
  /** Shown to whoever asks what there is: schemas belong here. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** An EsperError is answered as an error with its code and message; anything else as `SERVICE_FAILED`. */
  handle(asked: Asked): Promise<Uint8Array>;
}

export interface ServiceSpec {
  /** `[A-Za-z0-9_-]{1,64}`. */
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  readonly description: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly endpoints: readonly EndpointSpec[];
}

export interface Services {
  /** Serves until stopped; outlives losses of the connection. */
  serve(spec: ServiceSpec): Promise<{ stop(): Promise<void> }>;
  /**
   * Asks one of those who serve the subject.
   * @throws SERVICE_NOBODY when nobody serves it, SERVICE_SILENT (retryable) when no answer came in time,
   * SERVICES_UNREACHABLE (retryable) while there is no broker, and whatever the service answered as an error
   */
  ask(
    subject: string,
    bytes: Uint8Array,
    options: { readonly withinMs: number; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Uint8Array>;
  /** Asks all who serve it and collects what comes within `withinMs`, at most `most` answers; errors are left out. */
  askAll(
    subject: string,
    bytes: Uint8Array,
    options: { readonly withinMs: number; readonly most: number },
  ): Promise<readonly Uint8Array[]>;
}
