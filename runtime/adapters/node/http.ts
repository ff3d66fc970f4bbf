/** The network through Node's own fetch: TLS or this machine, few redirects, bytes as they are stored. */
import { EsperError } from '../../../contracts/index.ts';
import type { Http, HttpAnswer } from '../../ports/http.ts';

const REDIRECTS_MAX = 5;
const REDIRECT = new Set([301, 302, 303, 307, 308]);
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

export function nodeHttp(): Http {
  return {
    async get(url, { headers = {}, signal }) {
      let at = safe(url);
      for (let hops = 0; hops <= REDIRECTS_MAX; hops++) {
        const response = await request(at, headers, signal);
        const location = response.headers.get('location');
        if (!REDIRECT.has(response.status) || location === null) return answer(at, response);
        await response.body?.cancel();
        at = safe(new URL(location, at).href);
      }
      throw new EsperError('HTTP_REFUSED', `more than ${REDIRECTS_MAX} redirects`, { url });
    },
  };
}

/** Every hop is checked: a redirect must not lead from TLS to the clear. */
function safe(url: string): URL {
  const address = new URL(url);
  const local = address.protocol === 'http:' && LOOPBACK.has(address.hostname);
  if (address.protocol === 'https:' || local) return address;
  throw new EsperError(
    'HTTP_REFUSED',
    `${address.protocol}//${address.hostname} is neither https nor this machine`,
    { url },
    { hint: 'Use an https address.' },
  );
}

async function request(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
  try {
    return await fetch(url, { headers: { ...headers }, signal, redirect: 'manual' });
  } catch (cause) {
    throw failed(url, cause);
  }
}

function answer(url: URL, response: Response): HttpAnswer {
  return {
    status: response.status,
    header: (name) => response.headers.get(name),
    body: body(url, response),
  };
}

async function* body(url: URL, response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  try {
    for await (const chunk of response.body) yield chunk;
  } catch (cause) {
    throw failed(url, cause);
  }
}

/** fetch says only "fetch failed"; why stands in its cause. */
function failed(url: URL, cause: unknown): EsperError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const reason = inner instanceof Error ? inner.message : String(inner);
  return new EsperError(
    'HTTP_FAILED',
    `${url.host}: ${reason}`,
    { url: url.href },
    { cause, retryable: true },
  );
}
