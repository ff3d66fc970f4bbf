/** `esper up` as processes: a cluster on one machine, and nodes that are refused. */
import { connect } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NatsServer, startNatsServer } from '../../../runtime/adapters/nats/server.ts';
import { packaged } from '../../../runtime/adapters/nats/server-binary.ts';
import { cleanUpAfterwards, esper, folderFor, PATIENCE_MS, type Said, start } from '../support/esper.ts';
import { moonsConfig, summaryOf } from '../support/runs.ts';

cleanUpAfterwards();
const server = packaged();

describe('the placement file on the command line', () => {
  it('is checked without starting anything, and its problems end with 3', async () => {
    const home = folderFor('up-check');
    const good = await esper(home, ['up', '--check']);
    const bad = await esper(home, ['up', '--check', '--config', 'config/optdigits.yaml']);

    expect(good).toMatchObject({ code: 0, err: '' });
    expect(good.out).toContain('trainer (tolaria, kasmina, tamiyo)');
    expect(bad.code).toBe(3);
    expect(bad.err).toContain('PLACEMENT_INVALID');
  });

  it('says which of its nodes was meant', async () => {
    const { code, err } = await esper(folderFor('up-node'), ['up', '--node', 'trianer']);

    expect(code).toBe(3);
    expect(err).toContain('NODE_NOT_IN_FILE');
    expect(err).toContain('did you mean trainer?');
  });

  it('must name as many nodes as are started', async () => {
    const { code, err } = await esper(folderFor('up-count'), ['up', '--local-cluster', '5']);

    expect(code).toBe(2);
    expect(err).toContain('names 3 nodes, not 5');
  });
});

describe.skipIf(server === undefined)('a cluster on one machine', () => {
  it(
    'trains on one node with kernels made on another, and ends with the run',
    async () => {
      const home = folderFor('up-local');
      const args = ['up', '--local-cluster', '3', '--run', moonsConfig(home), '--json'];
      const { code, said } = await esper(home, args, env);

      const units = said.filter(({ what, state }) => what === 'unit' && state === 'running');
      const where = new Map(units.map(({ unit, node }) => [unit, node]));
      expect(where.get('triad')).toBe('trainer');
      for (const unit of ['urza', 'karn', 'tezzeret', 'urabrask'])
        expect(String(where.get(unit))).toMatch(/^forge-[ab]$/);
      expect(said.filter(({ what }) => what === 'joined')).toHaveLength(3);
      expect(summaryOf(said).ended.outcome).toBe('finished');
      expect(said.some((line) => germinated(line))).toBe(true);
      expect(code).toBe(0);
    },
    PATIENCE_MS,
  );

  it(
    'writes a checkpoint and ends in order when it is interrupted',
    async () => {
      const home = folderFor('up-interrupt');
      const config = moonsConfig(home, { training: { epochs: 1_000_000, batch: 'all', boundaryEpochs: 10 } });
      const running = start(home, ['up', '--local-cluster', '3', '--run', config, '--json'], env);
      await running.hears(({ what }) => what === 'progress');
      running.kill('SIGINT');
      const { code, said } = await running.ended;

      expect(code).toBe(130);
      expect(summaryOf(said).ended.outcome).toBe('interrupted');
    },
    PATIENCE_MS,
  );
});

describe.skipIf(server === undefined)('a node', () => {
  let nats: NatsServer;
  beforeAll(async () => {
    nats = await startNatsServer({ storeDir: folderFor('up-nats'), bin: server as string });
  });
  afterAll(() => nats?.stop());

  const node = (home: string, name: string) =>
    start(home, ['up', '--node', name, '--nats', nats.url, '--json'], env);

  it(
    'is refused while a live process has its name, and takes it once that has left',
    async () => {
      const home = folderFor('up-name');
      const first = node(home, 'forge-a');
      await first.hears(({ what }) => what === 'joined');
      const { code, out } = await node(home, 'forge-a').ended;
      first.kill('SIGTERM');
      const { code: firstCode } = await first.ended;
      const third = node(home, 'forge-a');
      const joined = await third.hears(({ what }) => what === 'joined');
      third.kill('SIGTERM');
      await third.ended;

      expect(out).toContain('NODE_NAME_LIVE');
      expect({ code, firstCode }).toEqual({ code: 8, firstCode: 143 });
      expect(joined.epoch).toBeGreaterThan(1);
    },
    PATIENCE_MS,
  );

  it(
    'takes no commands without keys, not even a look, and says what is missing',
    async () => {
      const home = folderFor('up-keyless');
      const keyless = node(home, 'forge-b');
      await keyless.hears(({ what }) => what === 'joined');
      const bare = await connect({ servers: nats.url });
      const reply = await bare.request('esper.admin.v1.forge-b.status', new Uint8Array(), {
        timeout: 10_000,
      });
      await bare.close();
      const typed = await esper(home, ['admin', 'status', '--nats', nats.url]);
      keyless.kill('SIGTERM');
      await keyless.ended;

      expect(reply.headers?.get('Nats-Service-Error')).toContain('ADMIN_NO_KEYS');
      expect(typed.code).toBe(4);
      expect(typed.err).toContain('esper keys init');
    },
    PATIENCE_MS,
  );

  it('is refused with keys that were made for other nodes', async () => {
    const home = folderFor('up-other-keys');
    await esper(home, ['keys', 'init', '--nodes', 'n1']);
    const { code, err } = await esper(home, ['up', '--node', 'forge-a', '--nats', nats.url]);

    expect(err).toContain('KEYS_OTHER_NODES');
    expect(code).toBe(3);
  });

  it('says so when there is no broker', async () => {
    const home = folderFor('up-broker');
    const { code, err } = await esper(home, ['up', '--node', 'forge-a', '--nats', 'nats://127.0.0.1:9']);

    expect(err).toContain('NATS_UNREACHABLE');
    expect(code).toBe(6);
  });
});

const env = { env: server === undefined ? {} : { NATS_SERVER_BIN: server } };

const germinated = ({ what, event }: Said): boolean =>
  what === 'event' && (event as { what?: string } | undefined)?.what === 'germinated';
