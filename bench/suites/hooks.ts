/** What it costs to be watched: tells and asks with a trace on every message, and without; metrics are live in both. */
import { EsperError } from '../../contracts/index.ts';
import {
  type SystemPorts,
  startSystem,
  supervisor,
  type TraceContext,
  type Tracing,
  worker,
} from '../../runtime/index.ts';
import { BURSTS, burst, questions } from '../rig/bursts.ts';
import { benchPorts } from '../rig/ports.ts';
import { type CounterMessage, counter, Tally } from '../rig/yard.ts';
import { sideBySide, times } from '../sampling.ts';
import { perSecond } from '../statistics.ts';
import { figure, ratio, type Suite } from '../suite.ts';

const TRACE: TraceContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), sampled: true };

export const hooks: Suite = {
  name: 'hooks',
  room: 'runtime',
  about:
    'tell and ask with tracing hooks on, each message in a letter with its trace; the same with hooks off',
  async run(effort) {
    const tracing = new CountingTracing();
    const off = await yard({});
    const on = await yard({ tracing });
    const count = times(effort, 300);
    const tells = await sideBySide(count, on.tell, off.tell);
    const asks = await sideBySide(count, on.ask, off.ask);
    tracing.check();
    await off.system.stop();
    await on.system.stop();
    const tellOn = figure('tell-hooks-on', '/s', perSecond(tells[0], BURSTS.tells));
    const tellOff = figure('tell-hooks-off', '/s', perSecond(tells[1], BURSTS.tells));
    const askOn = figure('ask-hooks-on', '/s', perSecond(asks[0], BURSTS.asks));
    const askOff = figure('ask-hooks-off', '/s', perSecond(asks[1], BURSTS.asks));
    const ratios = [ratio('tell-on-to-off', tellOn, tellOff), ratio('ask-on-to-off', askOn, askOff)];
    return [tellOn, tellOff, askOn, askOff, ...ratios];
  },
};

async function yard(more: Partial<SystemPorts>) {
  const tally = new Tally();
  const options = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;
  const tree = supervisor('yard', options, [worker(counter, { args: tally })]);
  const system = await startSystem(tree, { ...(await benchPorts()), ...more });
  const ref = system.ref<CounterMessage>('yard/counter');
  return { system, tell: burst(tally, () => ref.send({ type: 'count' })), ask: questions(ref) };
}

/** Follows every message, and writes down only how many. */
class CountingTracing implements Tracing {
  #sent = 0;
  #begun = 0;
  #done = 0;

  onSend(): TraceContext {
    this.#sent++;
    return TRACE;
  }

  onHandle(): void {
    this.#begun++;
  }

  onDone(): void {
    this.#done++;
  }

  /** @throws BENCH_WRONG_ANSWER unless each message was seen three times */
  check(): void {
    const seen = [this.#sent, this.#begun, this.#done];
    if (this.#sent === 0 || this.#begun !== this.#sent || this.#done !== this.#sent)
      throw new EsperError('BENCH_WRONG_ANSWER', `sent, begun, done: ${seen.join(', ')}`);
  }
}
