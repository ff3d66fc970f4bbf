import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openBroker } from '../../cluster/broker.ts';
import { loopback } from '../../cluster/ground.ts';
import { watched } from '../../cluster/watched.ts';
import { programs } from '../nats/support/server.ts';

const node = (script: string) => [process.execPath, '--input-type=module', '-e', script];

describe('a process of the suite', () => {
  it('that falls is told to its last line, however much it said at once', async () => {
    const lines = 2_000;
    const heard: string[] = [];
    const script = `
      import { writeSync } from 'node:fs';
      for (let n = 0; n < ${lines}; n++) writeSync(1, 'said ' + n + '\\n');
      for (let n = 0; n < 90; n++) console.error('{"msg":"log ' + n + '"}');
      throw Object.assign(new Error('x'.repeat(5000) + ' the cause'), { details: { last: 'detail' } });`;
    const { fall, code } = await watched('n1', node(script), (line) => heard.push(line)).ended;
    expect(code).toBe(1);
    expect(fall).toContain('exit code 1, signal none');
    expect(fall).toContain(`Error: ${'x'.repeat(5_000)} the cause`);
    expect(fall).toContain("details: { last: 'detail' }");
    expect(fall).toContain('"log 89"');
    expect([heard.length, heard.at(-1)]).toEqual([lines, `said ${lines - 1}`]);
  });

  it('that is killed from here has not fallen; one that somebody else kills has', async () => {
    const standing = () => watched('n1', node('setInterval(() => {}, 1000)'), () => undefined);
    const ours = standing();
    await ours.kill();
    expect((await ours.ended).fall).toBeNull();
    expect(ours.runs).toBe(false);
    const others = standing();
    process.kill(others.child.pid as number, 'SIGKILL');
    expect((await others.ended).fall).toContain('exit code none, signal SIGKILL');
  });

  it('that cannot be started says why', async () => {
    expect((await watched('n1', ['/no/such/program']).ended).fall).toContain('ENOENT');
  });

  it('loses no word to a suite that is slow to listen, threads or not', async () => {
    const lines = 5_000;
    const script = `
      import { writeSync } from 'node:fs';
      import { Worker } from 'node:worker_threads';
      import { say } from './dist/test/cluster/real-life.js';
      new Worker('setInterval(() => {}, 1000)', { eval: true }).unref();
      try {
        for (;;) writeSync(1, '\\n'.repeat(100));
      } catch (error) {
        writeSync(2, error.code);
      }
      for (let n = 0; n < ${lines}; n++) say({ is: 'put', atMs: n, from: 'x'.repeat(100), n });`;
    const [command = '', ...argv] = node(script);
    const child = spawn(command, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    const closed = once(child, 'close');
    const [full] = (await once(child.stderr.setEncoding('utf8'), 'data')) as [string];
    expect(full).toBe('EAGAIN');
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    expect(await closed).toEqual([0, null]);
    const said = text.trim().split('\n');
    expect(said.map((line) => (JSON.parse(line) as { n: number }).n)).toEqual(
      Array.from({ length: lines }, (_, n) => n),
    );
  });
});

describe.each(programs)('a broker, $version', ({ bin }) => {
  const falls: string[] = [];
  let close = async () => {};
  afterEach(() => close());
  const open = async () => {
    const broker = await openBroker(loopback, bin, (told) => falls.push(told));
    close = broker.close;
    return broker;
  };

  it('comes back on the port it had, as soon as somebody who took it lets go', async () => {
    const broker = await open();
    await broker.kill();
    const thief = createServer().listen(broker.port, '127.0.0.1');
    await once(thief, 'listening');
    const back = broker.start();
    thief.close();
    await back;
    await broker.kill();
    await broker.start();
    expect(falls).toEqual([]);
  });
});
