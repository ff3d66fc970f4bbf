/** What a command that was let through does: once, in its epoch, written down before and after. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { untouched } from '../../../actors/admin/untouched.ts';
import { ADMIN_ROLES, ADMIN_VERBS, type AdminVerb, EsperError, roleFor } from '../../../contracts/index.ts';
import { claims, lastLine, node, type Office, office, signed, type TestRole } from './fixtures.ts';

const send = async (
  at: Office,
  to: Awaited<ReturnType<typeof node>>,
  [role, verb, args, more]: readonly [TestRole, string, Record<string, unknown>, object?],
) => to.send(`esper.admin.v1.${verb}`, await signed(at, role, claims(at, verb, args, more ?? {})));

const restart = (more: object = {}) => ['operator', 'actors-restart', { unit: 'karn' }, more] as const;

/** Knows karn alone, and refuses that too while it is not ready. */
const restarting = (at: Office, ready: { readonly now: boolean }) => ({
  handlers: {
    'actors-restart': async ({ unit }: { readonly unit: string }) => {
      if (unit !== 'karn' || !ready.now)
        throw untouched(new EsperError('PLACEMENT_UNKNOWN_UNIT', `no unit ${unit}`));
      at.deeds.push({ unit });
      return { done: `restarting ${unit}`, details: {} };
    },
  },
  whyNot: () => '',
  epochOf: async () => null,
});

/** Signatures and files take real turns of the loop. */
const until = (holds: () => boolean) => expect.poll(holds).toBe(true);

describe('the admin service', () => {
  it('shows every command with its schema and its roles to whoever looks', async () => {
    const { spec } = await node(await office(), 'n1');
    const status = spec.endpoints.find(({ name }) => name === 'status');

    expect(spec).toMatchObject({ name: 'esper-admin', metadata: { node: 'n1', cluster: 'esper' } });
    expect(status).toMatchObject({ subject: 'esper.admin.v1.status', metadata: { effect: 'reads' } });
    expect(JSON.parse(status?.metadata?.args ?? '')).toMatchObject({ type: 'object' });
    for (const verb of Object.keys(ADMIN_VERBS))
      expect(spec.endpoints.map(({ subject }) => subject)).toContain(`esper.admin.v1.n1.${verb}`);
    expect(spec.endpoints.map(({ subject }) => subject)).not.toContain('esper.admin.v1.log-level');
  });

  it('writes down what it is about to do, and what came of it', async () => {
    const at = await office();
    const n1 = await node(at, 'n1');
    const { request } = await send(at, n1, restart());

    expect(n1.audit.tail(9).entries).toMatchObject([
      { seq: 1, outcome: 'begun', who: 'operator@here', role: 'operator', args: { unit: 'karn' }, request },
      { seq: 2, outcome: 'done', request },
    ]);
  });

  it('says what it cannot do instead of pretending', async () => {
    const at = await office();
    const n1 = await node(at, 'n1');

    await expect(send(at, n1, ['trainer', 'run-pause', {}])).rejects.toMatchObject({
      code: 'ADMIN_UNSUPPORTED',
      message: 'run-pause cannot be carried out: nothing trains here',
    });
    expect(lastLine(n1)).toMatchObject({ outcome: 'failed', why: 'ADMIN_UNSUPPORTED' });
  });

  it('hands on what a handler refuses, with its code', async () => {
    const at = await office();
    const n1 = await node(at, 'n1');
    const drain = send(at, n1, ['operator', 'node-drain', { node: 'n2' }]);

    await expect(drain).rejects.toMatchObject({ code: 'PLACEMENT_BUSY' });
    expect(lastLine(n1)).toMatchObject({ outcome: 'failed', why: 'PLACEMENT_BUSY' });
  });

  it.each([
    ['nothing', {}],
    ['a name that is none', { unit: '../karn' }],
    ['a field nobody knows', { unit: 'karn', force: true }],
    ['a polluted object', JSON.parse('{"unit": "karn", "__proto__": {"polluted": 1}}')],
  ])('names what is wrong with arguments: %s', async (_, args) => {
    const at = await office();
    const n1 = await node(at, 'n1');

    await expect(send(at, n1, ['operator', 'actors-restart', args])).rejects.toMatchObject({
      code: 'ADMIN_ARGS_INVALID',
    });
    expect(at.deeds).toEqual([]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('acts only in the epoch that was expected', async () => {
    const at = await office();
    const n1 = await node(at, 'n1');

    await expect(send(at, n1, restart({ expectedEpoch: 6 }))).rejects.toMatchObject({
      code: 'ADMIN_EPOCH_STALE',
      details: { expected: 6, actual: 7 },
    });
    await send(at, n1, restart({ expectedEpoch: 7 }));
    expect(at.deeds).toHaveLength(1);
  });

  it('does once what is given twice under one idempotency key, on whichever node', async () => {
    const at = await office();
    const [n1, n2] = [await node(at, 'n1'), await node(at, 'n2')];
    const key = { idempotencyKey: 'restart-karn-1' };
    const first = await send(at, n1, restart(key));
    const second = await send(at, n2, restart(key));

    expect(second).toMatchObject({ again: true, result: first.result });
    expect(at.deeds).toHaveLength(1);
    await expect(send(at, n1, ['operator', 'actors-restart', { unit: 'urza' }, key])).rejects.toMatchObject({
      code: 'ADMIN_KEY_CONFLICT',
    });
    await expect(send(at, n1, ['operator', 'status', {}, key])).rejects.toMatchObject({
      code: 'ADMIN_ARGS_INVALID',
    });
  });

  it('frees the key of a command that changed nothing', async () => {
    const at = await office();
    const n1 = await node(at, 'n1');
    const key = { idempotencyKey: 'restart-karn-2' };
    await expect(send(at, n1, restart({ ...key, expectedEpoch: 6 }))).rejects.toThrow();
    await send(at, n1, restart(key)).catch((error) => error);

    expect(at.deeds).toHaveLength(1);
  });

  it('judges what was refused anew under the same key, corrected or not, and no token twice', async () => {
    const at = await office();
    const ready = { now: false };
    const n1 = await node(at, 'n1', restarting(at, ready));
    const key = { idempotencyKey: 'restart-4' };
    const body = await signed(at, 'operator', claims(at, 'actors-restart', { unit: 'kran' }, key));
    const subject = 'esper.admin.v1.actors-restart';
    await expect(n1.send(subject, body)).rejects.toMatchObject({ code: 'PLACEMENT_UNKNOWN_UNIT' });
    await expect(n1.send(subject, body)).rejects.toMatchObject({ code: 'ADMIN_DENIED' });
    await expect(send(at, n1, restart(key))).rejects.toMatchObject({ code: 'PLACEMENT_UNKNOWN_UNIT' });
    ready.now = true;
    const done = await send(at, n1, restart(key));

    expect(done.again).toBe(false);
    expect(await send(at, n1, restart(key))).toMatchObject({ again: true, result: done.result });
    expect(at.deeds).toEqual([{ unit: 'karn' }]);
  });

  it.each([
    ['came to nothing answers alike', false, 'UNIT_NOT_MOVED'],
    ['may yet come to something says that it is open', true, 'ADMIN_KEY_BUSY'],
  ])('does what was tried only once: what %s', async (_, retryable, second) => {
    const at = await office();
    let tries = 0;
    const options = { retryable, hint: 'see to the reason' };
    const move = async () => {
      tries += 1;
      throw new EsperError('UNIT_NOT_MOVED', 'karn stays on n1', { unit: 'karn' }, options);
    };
    const targets = { handlers: { 'actors-move': move }, whyNot: () => '', epochOf: async () => null };
    const n1 = await node(at, 'n1', targets);
    const moved = ['operator', 'actors-move', { unit: 'karn' }, { idempotencyKey: 'move-1-1' }] as const;

    await expect(send(at, n1, moved)).rejects.toMatchObject({ code: 'UNIT_NOT_MOVED' });
    await expect(send(at, n1, moved)).rejects.toMatchObject({ code: second });
    if (!retryable) await expect(send(at, n1, moved)).rejects.toMatchObject({ hint: 'see to the reason' });
    expect(tries).toBe(1);
  });

  it('takes a command for the same one however long it is waited for', async () => {
    const at = await office();
    const targets = {
      handlers: { 'node-drain': async () => ({ done: 'n2 is empty', details: {} }) },
      whyNot: () => '',
      epochOf: async () => null,
    };
    const n1 = await node(at, 'n1', targets);
    const drain = (within: number, waitMs: number) =>
      send(at, n1, [
        'operator',
        'node-drain',
        { node: 'n2', within },
        { idempotencyKey: 'drain-n2-2', waitMs },
      ]);
    await drain(0, 10_000);

    expect(await drain(60, 70_000)).toMatchObject({ again: true, result: { done: 'n2 is empty' } });
  });

  it('answers what is under way before its node ends, unless that takes too long', async () => {
    const at = await office();
    let answer: (done: { done: string; details: Record<string, unknown> }) => void = () => {};
    const leave = () =>
      new Promise<{ done: string; details: Record<string, unknown> }>((resolve) => {
        answer = resolve;
      });
    const targets = {
      handlers: { 'actors-restart': leave },
      whyNot: () => '',
      epochOf: async () => null,
    };
    const n1 = await node(at, 'n1', targets);
    const asked = send(at, n1, restart());
    await until(() => n1.audit.tail(1).entries.length === 1);
    const ended = n1.end().then(() => lastLine(n1)?.outcome);
    answer({ done: 'gone', details: {} });
    expect(await ended).toBe('done');
    expect((await asked).result).toMatchObject({ done: 'gone' });

    void send(at, n1, restart()).catch(() => undefined);
    await until(() => n1.audit.tail(9).entries.length === 3);
    const over = n1.end();
    await at.clock.advance(2_000);
    await over;
  });

  it('says of a key whose command was cut off that nobody knows', async () => {
    const at = await office();
    const targets = {
      handlers: { 'actors-restart': () => Promise.reject(new Error('the process was killed')) },
      whyNot: () => '',
      epochOf: async () => null,
    };
    const n1 = await node(at, 'n1', targets);
    const key = { idempotencyKey: 'restart-karn-3' };

    await expect(send(at, n1, restart(key))).rejects.toMatchObject({ code: 'ADMIN_INTERNAL' });
    await expect(send(at, n1, restart(key))).rejects.toMatchObject({ code: 'ADMIN_KEY_BUSY' });
  });

  it('carries out nothing that cannot be written down', async () => {
    const at = await office();
    const n1 = await node(at, 'n1');
    at.disk.capacity = 0;

    await expect(send(at, n1, restart())).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(at.deeds).toEqual([]);
  });

  it('writes down no secrets', async () => {
    const at = await office();
    const n1 = await node(at, 'n1');
    const set = { 'nats.password': 'hunter-2', 'log.level': 'info' };
    await send(at, n1, ['admin', 'config-set', { set }]).catch(() => undefined);

    const file = [...at.disk.dump()].find(([path]) => path.endsWith('.jsonl'))?.[1];
    expect(new TextDecoder().decode(file)).not.toContain('hunter-2');
    expect(n1.audit.tail(1).entries[0]?.args).toEqual({ set: { ...set, 'nats.password': '[secret]' } });
  });

  it('counts mere looks and writes down those that show what others keep to themselves', async () => {
    const at = await office();
    const n1 = await node(at, 'n1');
    await send(at, n1, ['viewer', 'status', {}]);

    expect(n1.audit.tail(9).entries).toEqual([]);
  });
});

describe('the table of roles', () => {
  it('gives nobody a command through a role that is not listed for it', () => {
    const verbs = Object.keys(ADMIN_VERBS) as AdminVerb[];
    fc.assert(
      fc.property(fc.constantFrom(...verbs), fc.subarray([...ADMIN_ROLES]), (verb, roles) => {
        const role = roleFor(verb, roles);
        const listed: readonly string[] = ADMIN_VERBS[verb].roles;
        expect(
          role === undefined ? roles.some((held) => listed.includes(held)) : !listed.includes(role),
        ).toBe(false);
      }),
    );
  });

  it('lets viewers and auditors change nothing', () => {
    for (const verb of Object.keys(ADMIN_VERBS) as AdminVerb[])
      if (ADMIN_VERBS[verb].effect === 'changes')
        expect(roleFor(verb, ['viewer', 'auditor'])).toBeUndefined();
  });
});
