/** The thread of the watchdog: looks at the beat, asks the debugger where the main thread is, writes it down. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { StallReport } from '../../watchdog/stall-report.ts';
import { StallWatch } from '../../watchdog/stall-watch.ts';
import { MainThreadProbe } from './main-thread-probe.ts';
import type { WatchdogSeat } from './watchdog.ts';

/** Like `sysexits`: an internal error; an outer supervisor starts the process again. */
const EXIT_CODE = 70;

const { beat, folder, limitMs, checkMs, exit } = workerData as WatchdogSeat;
const watch = new StallWatch({ limitMs, checkMs });
const nowMs = () => performance.now();
let reports = 0;

async function look(): Promise<void> {
  const sinceMs = watch.sinceMs;
  if (watch.look(nowMs(), Atomics.load(beat, 0)) === 'stalled') await stalled(sinceMs);
  setTimeout(look, checkMs);
}

async function stalled(sinceMs: number): Promise<void> {
  const noticedMs = nowMs();
  const probe = new MainThreadProbe();
  const stack = await probe.stack();
  const report: StallReport = {
    what: 'event_loop_blocked',
    pid: process.pid,
    sinceWallMs: Math.round(performance.timeOrigin + sinceMs),
    noticedWallMs: Math.round(performance.timeOrigin + noticedMs),
    stalledMs: Math.round(noticedMs - sinceMs),
    limitMs,
    stack,
    exitCode: exit ? EXIT_CODE : null,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, `stall-${process.pid}-${++reports}.json`),
    `${JSON.stringify(report, null, 2)}\n`,
  );
  if (exit) await probe.exit(EXIT_CODE);
  probe.resume();
  parentPort?.postMessage(report);
}

void look();
