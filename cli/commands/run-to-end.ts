/** Shows a run until it ends, and turns Ctrl-C into a checkpoint: what `train` and `resume` have in common. */
import type { RunHandle, RunSummary } from '../../config/runner.ts';
import type { RunEvent, TrainingProgress } from '../../contracts/index.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-codes.ts';
import { animationWanted } from '../render/animation.ts';
import { ProgressView } from '../render/progress.ts';
import { summaryText } from '../render/summary.ts';
import { documentOf } from '../views/documents.ts';

/** Begins the run and follows it, prints its summary and sets the exit code. An interrupt counts from the first moment. */
export async function runToEnd(cli: Cli, begin: () => Promise<RunHandle>): Promise<void> {
  const accuracies: number[] = [];
  const view = viewOf(cli);
  const hear = (event: TrainingProgress | RunEvent) => {
    if (event.type === 'tolaria.training.progressed' && event.validationAccuracy !== null) {
      accuracies.push(event.validationAccuracy);
    }
    view.show(event);
  };
  const begun = async () => {
    const handle = await begin();
    cli.note(`run ${handle.runId}  ${handle.folder}`);
    handle.on(hear);
    return handle;
  };
  const { summary, signal } = await untilEnded(cli, begun, () => view.finish());
  view.finish();
  if (cli.options.json) cli.world.out.write(`${JSON.stringify(documentOf('RunSummary', { ...summary }))}\n`);
  else
    cli.world.out.write(
      summaryText(summary, accuracies, cli.style, cli.options.verbose, (command) => cli.typed(command)),
    );
  cli.exitCode = exitOf(summary, signal);
}

export type Signal = 'SIGINT' | 'SIGTERM';

/** The first interrupt asks for a checkpoint, the second does not ask. */
async function untilEnded(
  cli: Cli,
  begin: () => Promise<RunHandle>,
  clear: () => void,
): Promise<{ summary: RunSummary; signal: Signal | null }> {
  let signal: Signal | null = null;
  let handle: RunHandle | null = null;
  let failed: (reason: unknown) => void = () => {};
  const stopFailed = new Promise<never>((_, reject) => {
    failed = reject;
  });
  const release = cli.world.onInterrupt((now) => {
    if (signal !== null) {
      cli.world.exitNow(exitOfSignal(now));
      return;
    }
    signal = now;
    clear();
    cli.world.err.write('stopping: writing a checkpoint (press again to stop at once)\n');
    handle?.stop().catch(failed);
  });
  try {
    handle = await begin();
    if (signal !== null) handle.stop().catch(failed); // it came while the hosts were starting
    const summary = await Promise.race([handle.ended, stopFailed]);
    return { summary, signal };
  } finally {
    release();
  }
}

export function exitOf({ ended }: RunSummary, signal: Signal | null): number {
  if (ended.outcome === 'interrupted') return exitOfSignal(signal ?? 'SIGINT');
  return ended.outcome === 'failed' ? EXIT.failed : EXIT.done;
}

export const exitOfSignal = (signal: Signal): number =>
  signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;

interface View {
  show(event: TrainingProgress | RunEvent): void;
  finish(): void;
}

/** `--json`: each message a line on stdout. Otherwise a bar or plain lines on stderr; `--quiet`: nothing. */
function viewOf(cli: Cli): View {
  const { world, options } = cli;
  if (options.json) {
    return { show: (event) => world.out.write(`${JSON.stringify(event)}\n`), finish: () => {} };
  }
  if (options.quiet) return { show: () => {}, finish: () => {} };
  const animated = animationWanted(world);
  const view = new ProgressView({
    terminal: world.err,
    style: cli.errStyle,
    animated,
    nowMs: () => world.clock.nowMs(),
  });
  return {
    show: (event) => {
      if (event.type === 'tolaria.training.progressed') view.progressed(event);
      else view.happened(event);
    },
    finish: () => view.finish(),
  };
}
