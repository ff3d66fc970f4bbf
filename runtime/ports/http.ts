/** Fetching over HTTP as a port: one request, headers first, then the body as it arrives. */
export interface HttpAnswer {
  readonly status: number;
  /** @param name in any case */
  header(name: string): string | null;
  /** Chunks in order; read once. Throws HTTP_FAILED when the connection breaks before its end. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Http {
  /**
   * Any status is an answer; redirects were followed. Once `signal` aborts, nothing is held open any more, body included.
   *
   * @throws HTTP_FAILED (retryable) when no answer came, HTTP_REFUSED when the address is not one to fetch from
   */
  get(
    url: string,
    request: { readonly headers?: Readonly<Record<string, string>>; readonly signal: AbortSignal },
  ): Promise<HttpAnswer>;
}
