/** A web server in memory that also misbehaves: files by address, and faults to strike the next answers. */
import { EsperError } from '../../../contracts/index.ts';
import type { Http, HttpAnswer } from '../../../runtime/ports/http.ts';

export interface Page {
  bytes: Uint8Array;
  /** Null: the server sends no validator. */
  etag: string | null;
  /** False: the server does not know ranges. */
  ranges: boolean;
  /** False: the length is not announced. */
  length: boolean;
}

export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The connection breaks after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly after: number }
  /** The body ends early without an error, as through a bad proxy. */
  | { readonly kind: 'short'; readonly after: number }
  /** After so many bytes nothing more ever comes. */
  | { readonly kind: 'silence'; readonly after: number }
  | { readonly kind: 'refused' };

export interface ScriptedHttp extends Http {
  page(url: string, bytes: Uint8Array, changed?: Partial<Omit<Page, 'bytes'>>): void;
  /** Faults strike answers in order, one each. */
  faults: Fault[];
  /** What was asked for: address and range. */
  readonly asked: string[];
}

const CHUNK = 10;

export function scriptedHttp(): ScriptedHttp {
  const pages = new Map<string, Page>();
  const faults: Fault[] = [];
  const asked: string[] = [];
  return {
    faults,
    asked,
    page: (url, bytes, changed) =>
      void pages.set(url, { bytes, etag: '"v1"', ranges: true, length: true, ...changed }),
    async get(url, { headers = {}, signal }) {
      asked.push(headers.range === undefined ? url : `${url} ${headers.range}`);
      signal.throwIfAborted();
      const fault = faults.shift();
      if (fault?.kind === 'refused') throw broken(url);
      if (fault?.kind === 'status') return answer(fault.status, fault.headers ?? {}, empty());
      const page = pages.get(url);
      if (page === undefined) return answer(404, {}, empty());
      return serve(url, page, headers, fault);
    },
  };
}

function serve(
  url: string,
  page: Page,
  headers: Readonly<Record<string, string>>,
  fault: Exclude<Fault, { kind: 'status' | 'refused' }> | undefined,
): HttpAnswer {
  const asked = /^bytes=(\d+)-$/.exec(headers.range ?? '');
  const from = page.ranges && asked && headers['if-range'] === page.etag ? Number(asked[1]) : 0;
  const tag = page.etag === null ? {} : { etag: page.etag };
  const body = flow(url, page.bytes.subarray(from), fault);
  if (from > 0) {
    const range = `bytes ${from}-${page.bytes.length - 1}/${page.bytes.length}`;
    return answer(206, { ...tag, 'content-range': range }, body);
  }
  return answer(200, { ...tag, ...(page.length && { 'content-length': `${page.bytes.length}` }) }, body);
}

async function* flow(
  url: string,
  bytes: Uint8Array,
  fault: { kind: 'cut' | 'short' | 'silence'; after: number } | undefined,
): AsyncGenerator<Uint8Array> {
  const sent = fault ? bytes.subarray(0, fault.after) : bytes;
  for (let at = 0; at < sent.length; at += CHUNK) yield sent.subarray(at, at + CHUNK);
  if (fault?.kind === 'cut') throw broken(url);
  if (fault?.kind === 'silence') await new Promise(() => {});
}

async function* empty(): AsyncGenerator<Uint8Array> {}

const answer = (
  status: number,
  headers: Readonly<Record<string, string>>,
  body: AsyncIterable<Uint8Array>,
): HttpAnswer => ({ status, header: (name) => headers[name.toLowerCase()] ?? null, body });

const broken = (url: string) =>
  new EsperError('HTTP_FAILED', 'the connection broke', { url }, { retryable: true });
