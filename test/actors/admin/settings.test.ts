/** Settings as a transaction: all that were asked for, or none. */
import { Type } from '@sinclair/typebox';
import { describe, expect, it } from 'vitest';
import { Deadline } from '../../../actors/admin/deadline.ts';
import { type LiveSetting, settingsHandlers } from '../../../actors/admin/settings.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';

const deadline = new Deadline(memoryClock(), 0, 10_000);
const caller = { who: 'admin', role: 'admin', request: 'req-1', deadline } as const;

function desk() {
  const now: Record<string, unknown> = { 'log.level': 'info', 'rate.limit': 3, 'rate.burst': 9 };
  const broken = new Set<string>();
  const setting = (key: string, schema: LiveSetting['schema']): LiveSetting => ({
    key,
    about: `the ${key}`,
    schema,
    read: () => now[key],
    tryOut: async (value) => (value === 13 ? 'thirteen brings bad luck' : null),
    apply: async (value) => {
      if (broken.has(`${key}=${value}`)) throw new Error('it does not take it');
      now[key] = value;
    },
  });
  const handlers = settingsHandlers(
    [
      setting('log.level', Type.Union([Type.Literal('info'), Type.Literal('debug')])),
      setting('rate.limit', Type.Integer()),
      setting('rate.burst', Type.Integer()),
    ],
    [{ key: 'seed', about: 'of the run', value: 7, whyNot: 'a run is what its seed makes of it' }],
  );
  const set = (wanted: Record<string, unknown>) => handlers['config-set']({ set: wanted }, caller);
  return { now, broken, handlers, set };
}

describe('settings', () => {
  it('are set together, and say what was before', async () => {
    const { now, set } = desk();
    const { details } = await set({ 'log.level': 'debug', 'rate.limit': 4 });

    expect(now).toEqual({ 'log.level': 'debug', 'rate.limit': 4, 'rate.burst': 9 });
    expect(details).toEqual({
      'log.level': { before: 'info', now: 'debug' },
      'rate.limit': { before: 3, now: 4 },
    });
  });

  it.each([
    ['of another type', { 'rate.burst': 'x' }, 'ADMIN_SETTING_INVALID'],
    ['that fails when it is tried out', { 'rate.burst': 13 }, 'ADMIN_SETTING_INVALID'],
    ['nobody knows', { 'rate.brust': 1 }, 'ADMIN_SETTING_NOT_FOUND'],
    ['that is fixed', { seed: 8 }, 'ADMIN_SETTING_FIXED'],
  ])('change nothing when there is one %s', async (_, bad, code) => {
    const { now, set } = desk();

    await expect(set({ 'rate.limit': 4, ...bad })).rejects.toMatchObject({ code });
    expect(now).toEqual({ 'log.level': 'info', 'rate.limit': 3, 'rate.burst': 9 });
  });

  it('are taken back when one cannot be applied', async () => {
    const { now, set, broken } = desk();
    broken.add('rate.burst=10');

    await expect(set({ 'rate.limit': 4, 'rate.burst': 10 })).rejects.toMatchObject({
      code: 'ADMIN_SETTING_UNAPPLIED',
    });
    expect(now).toMatchObject({ 'rate.limit': 3, 'rate.burst': 9 });
  });

  it('say which could not even be taken back', async () => {
    const { set, broken } = desk();
    broken.add('rate.burst=10').add('rate.limit=3');

    await expect(set({ 'rate.limit': 4, 'rate.burst': 10 })).rejects.toMatchObject({
      code: 'ADMIN_SETTING_HALF_SET',
      details: { left: ['rate.limit'] },
    });
  });

  it('are set one transaction after the other', async () => {
    const { now, set } = desk();
    await Promise.all([set({ 'rate.limit': 4 }), set({ 'rate.limit': 5 })]);

    expect(now['rate.limit']).toBe(5);
  });

  it('are shown with whether they can be set, alone or below a word', async () => {
    const { handlers } = desk();
    const { settings } = await handlers['config-get']({}, caller);

    expect(settings.map(({ key, live }) => [key, live])).toEqual([
      ['log.level', true],
      ['rate.limit', true],
      ['rate.burst', true],
      ['seed', false],
    ]);
    expect((await handlers['config-get']({ key: 'rate' }, caller)).settings).toHaveLength(2);
    await handlers['log-level']({ level: 'debug' }, caller);
    expect((await handlers['config-get']({ key: 'log.level' }, caller)).settings[0]?.value).toBe('debug');
  });
});
