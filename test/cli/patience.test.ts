/** A command that takes its time: people see where its units are, scripts get one answer, and a failure stays one. */
import { describe, expect, it } from 'vitest';
import type { AdminOrder } from '../../cli/admin/client.ts';
import { patience } from '../../cli/admin/patience.ts';
import { Cli, type GlobalOptions } from '../../cli/cli.ts';
import { type AdminReply, EsperError } from '../../contracts/index.ts';
import { memoryClock } from '../../runtime/adapters/memory/clock.ts';
import { meanwhile } from '../runtime/remote/nodes.ts';
import { fakeWorld } from './fake-world.ts';

const order: AdminOrder = {
  ...{ cluster: 'esper', node: null, verb: 'node-drain' },
  args: { node: 'forge-a', within: 30 },
};
const reply = (result: unknown): AdminReply => ({ v: 1, node: 'n1', request: 'r', again: false, result });
const at = (unit: string, node: string, state = 'running') => ({ unit, node, state, epoch: 1, restarts: 0 });

/** A drain that takes 3.5 s, seen once a second. */
const drained = async (options: Partial<GlobalOptions>, fails = false, given = order) => {
  const clock = memoryClock();
  const world = { ...fakeWorld(), clock };
  const cli = new Cli(world, () => ({ ...options }) as GlobalOptions);
  const looks = [
    [at('karn', 'forge-a'), at('nissa', 'trainer')],
    [at('karn', 'forge-b', 'moving'), at('nissa', 'trainer')],
    [at('karn', 'forge-b'), at('nissa', 'trainer')],
  ];
  const asked: string[] = [];
  const waited: number[] = [];
  const ask = async ({ verb }: AdminOrder, moreMs = 0) => {
    asked.push(verb);
    waited.push(moreMs);
    if (verb === 'actors-ls') return reply({ units: looks.shift() ?? [] });
    await new Promise<void>((resolve) => void clock.after(3_500, resolve));
    if (fails) throw new EsperError('NODE_DRAIN_LATE', 'not yet');
    return reply({ done: 'empty', details: {} });
  };
  const answer = patience(cli, given, ask);
  answer.catch(() => undefined);
  await meanwhile(clock, answer).catch(() => undefined);
  return { answer, said: world.said(), asked, waited };
};

describe('a command that takes its time', () => {
  it('shows each change of the units it is about, and answers once', async () => {
    const { answer, said, waited } = await drained({});

    expect((await answer).result).toEqual({ done: 'empty', details: {} });
    expect(said.err.split('\n')).toEqual([
      'karn: running on forge-a',
      'karn: moving to forge-b',
      'karn: running on forge-b',
      '',
    ]);
    expect(said.out).toBe('');
    expect(waited[0]).toBe(30_000);
  });

  it.each([{ json: true }, { quiet: true }])('says nothing meanwhile with %o', async (options) => {
    const { said, asked } = await drained(options);

    expect(said).toEqual({ out: '', err: '' });
    expect(asked).toEqual(['node-drain']);
  });

  it('shows what is on the node that leaves, which its request was sent to', async () => {
    const leave = { ...order, verb: 'node-leave', node: 'forge-a', args: { within: 30 } } as const;
    const elsewhere = { ...order, verb: 'run-rollback', node: 'forge-a', args: { within: 30 } } as const;

    expect((await drained({}, false, leave)).said.err).toContain('karn: moving to forge-b');
    expect((await drained({}, false, elsewhere)).said.err).toBe('');
  });

  it('fails as its answer does', async () => {
    const { answer } = await drained({}, true);

    await expect(answer).rejects.toMatchObject({ code: 'NODE_DRAIN_LATE' });
  });
});
