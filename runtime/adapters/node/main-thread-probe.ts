/** The debugger of the main thread, held by another: it stops even a loop that never ends, and tells where it is. */
import { type Debugger, Session } from 'node:inspector';
import type { StackFrame } from '../../watchdog/stall-report.ts';

/** Milliseconds the main thread gets to reach a place where it can be stopped: native code has none. */
const PATIENCE_MS = 500;

export class MainThreadProbe {
  readonly #session = new Session();
  #stopped = false;

  constructor() {
    this.#session.connectToMainThread();
  }

  /** Stops the main thread and reads its stack, innermost first; empty when it cannot be stopped in time. */
  async stack(): Promise<readonly StackFrame[]> {
    const urls = new Map<string, string>();
    this.#session.on('Debugger.scriptParsed', ({ params }) => void urls.set(params.scriptId, params.url));
    const frames = await inTime<readonly Debugger.CallFrame[]>([], (resolve) => {
      this.#session.once('Debugger.paused', ({ params }) => resolve(params.callFrames));
      this.#session.post('Debugger.enable');
      this.#session.post('Debugger.pause');
    });
    this.#stopped = frames.length > 0;
    return frames.map(({ functionName, url, location }) => ({
      function: functionName === '' ? '(anonymous)' : functionName,
      url: url === '' ? (urls.get(location.scriptId) ?? '') : url,
      line: location.lineNumber + 1,
    }));
  }

  /**
   * Ends the process from within the stopped thread, so that the exit code is ours; by force when that does nothing.
   * Asked of the thread and not of the frame it stands in: functions of Node itself do not see the global `process`.
   */
  async exit(code: number): Promise<never> {
    if (this.#stopped) {
      this.#session.post('Runtime.evaluate', { expression: `process.exit(${code})` });
      await inTime(null, () => {});
    }
    process.kill(process.pid, 'SIGKILL');
    return new Promise<never>(() => {});
  }

  /** Lets the main thread go on. */
  resume(): void {
    this.#session.disconnect();
  }
}

function inTime<T>(otherwise: T, begin: (resolve: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(otherwise), PATIENCE_MS);
    begin(resolve);
  });
}
