/** What asking and serving promise, whatever broker carries them. */
import { expect, it } from 'vitest';
import { EsperError } from '../../../contracts/failure.ts';
import type { Services } from '../../../runtime/index.ts';

export interface ServicesWorld {
  /** Two clients of one broker. */
  readonly one: Services;
  readonly other: Services;
  /** Subjects of this test begin with it. */
  readonly name: string;
  during<T>(work: Promise<T>): Promise<T>;
  /** The broker goes away, and every client has noticed when this resolves. */
  down(): Promise<void>;
  up(): Promise<void>;
  end(): Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (found: Uint8Array) => new TextDecoder().decode(found);
const empty = new Uint8Array(0);

export function servicesContract(start: () => Promise<ServicesWorld>): void {
  const serving = async () => {
    const world = await start();
    const { name, during } = world;
    const serve = (
      services: Services,
      handle: (asked: string) => string | Promise<string>,
      queue?: string,
      subject = `${name}.ask`,
    ) =>
      during(
        services.serve({
          name: `${name}-service`,
          version: '1.2.3',
          description: 'answers',
          metadata: { node: 'n1' },
          endpoints: [
            {
              name: 'ask',
              subject,
              metadata: { schema: '{}' },
              ...(queue === undefined ? {} : { queue }),
              handle: async ({ bytes: asked }) => bytes(await handle(text(asked))),
            },
          ],
        }),
      );
    const ask = (services: Services, what = 'x') =>
      during(services.ask(`${name}.ask`, bytes(what), { withinMs: 1_000 })).then(text);
    return { ...world, serve, ask };
  };

  it('answers a question with what the handler gives back', async () => {
    const { name, one, other, during, end } = await start();
    await during(
      one.serve({
        name: 'echo',
        version: '1.0.0',
        description: 'echoes',
        endpoints: [
          {
            name: 'echo',
            subject: `${name}.echo`,
            handle: async ({ subject, bytes: asked, headers }) =>
              bytes(`${subject} ${text(asked)} ${headers.Kind}`),
          },
        ],
      }),
    );
    const options = { withinMs: 1_000, headers: { Kind: 'test' } };
    const answer = await during(other.ask(`${name}.echo`, bytes('hello'), options));
    expect(text(answer)).toBe(`${name}.echo hello test`);
    await end();
  });

  it('shares questions within a queue', async () => {
    const { one, other, serve, ask, end } = await serving();
    await serve(one, () => 'one');
    await serve(other, () => 'other');
    const answers = new Set<string>();
    for (let n = 0; n < 60; n++) answers.add(await ask(one));
    expect([...answers].sort()).toEqual(['one', 'other']);
    await end();
  });

  it('asks all, one of each queue, and takes no more than wanted', async () => {
    const { name, one, other, serve, during, end } = await serving();
    await serve(one, () => 'one', 'q1');
    await serve(other, () => 'other', 'q2');
    const all = await during(other.askAll(`${name}.ask`, empty, { withinMs: 500, most: 9 }));
    expect(all.map(text).sort()).toEqual(['one', 'other']);
    expect(await during(other.askAll(`${name}.ask`, empty, { withinMs: 500, most: 1 }))).toHaveLength(1);
    expect(await during(other.askAll(`${name}.none`, empty, { withinMs: 500, most: 1 }))).toEqual([]);
    await end();
  });

  it('carries an error of the service with its code, details and hint', async () => {
    const { one, other, serve, ask, end } = await serving();
    await serve(one, () => {
      throw new EsperError('UNIT_UNKNOWN', 'no such\nunit', { unit: 'x' }, { hint: 'look', retryable: true });
    });
    await expect(ask(other)).rejects.toMatchObject({
      code: 'UNIT_UNKNOWN',
      message: 'no such\nunit',
      details: { unit: 'x' },
      hint: 'look',
      retryable: true,
    });
    await end();
  });

  it('says of another error only that it happened, and goes on serving', async () => {
    const { one, other, serve, ask, end } = await serving();
    await serve(one, (asked) => {
      if (asked === 'bad') throw new Error('the password is swordfish');
      return 'fine';
    });
    const failed = await ask(other, 'bad').catch((thrown: unknown) => thrown);
    expect(failed).toMatchObject({ code: 'SERVICE_FAILED' });
    expect(String(failed)).not.toContain('swordfish');
    expect(await ask(other)).toBe('fine');
    await end();
  });

  it('leaves errors out when all are asked', async () => {
    const { name, one, other, serve, during, end } = await serving();
    await serve(one, () => 'one', 'q1');
    await serve(
      other,
      () => {
        throw new EsperError('UNIT_UNKNOWN', 'no', {}, {});
      },
      'q2',
    );
    const all = await during(one.askAll(`${name}.ask`, empty, { withinMs: 500, most: 2 }));
    expect(all.map(text)).toEqual(['one']);
    await end();
  });

  it('tells nobody serving from somebody who does not answer', async () => {
    const { name, one, other, serve, during, end } = await serving();
    const ask = (withinMs: number) => during(other.ask(`${name}.ask`, empty, { withinMs }));
    await expect(ask(500)).rejects.toMatchObject({ code: 'SERVICE_NOBODY', retryable: false });
    const { stop } = await serve(one, () => new Promise<string>(() => undefined));
    await expect(ask(100)).rejects.toMatchObject({ code: 'SERVICE_SILENT', retryable: true });
    await during(stop());
    await expect(ask(500)).rejects.toMatchObject({ code: 'SERVICE_NOBODY' });
    await end();
  });

  it('shows what there is to whoever asks', async () => {
    const { name, one, other, serve, during, end } = await serving();
    await serve(one, () => 'x');
    const [found] = await during(
      other.askAll(`$SRV.INFO.${name}-service`, empty, { withinMs: 500, most: 1 }),
    );
    expect(JSON.parse(text(found ?? empty))).toMatchObject({
      name: `${name}-service`,
      version: '1.2.3',
      metadata: { node: 'n1' },
      endpoints: [{ name: 'ask', subject: `${name}.ask`, queue_group: 'q', metadata: { schema: '{}' } }],
    });
    await end();
  });

  it('rejects with SERVICES_UNREACHABLE while the broker is down, and serves on when it is back', async () => {
    const { name, one, other, serve, ask, during, down, up, end } = await serving();
    await serve(one, () => 'still here');
    await down();
    await expect(ask(other)).rejects.toMatchObject({ code: 'SERVICES_UNREACHABLE', retryable: true });
    const all = during(other.askAll(`${name}.ask`, empty, { withinMs: 500, most: 1 }));
    await expect(all).rejects.toMatchObject({ code: 'SERVICES_UNREACHABLE' });
    await up();
    expect(await ask(other)).toBe('still here');
    await end();
  });
}
