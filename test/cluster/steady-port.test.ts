import { describe, expect, it } from 'vitest';
import { onSamePort, onSteadyPort } from './steady-port.ts';

const TAKEN = new Error('taken');
const taken = (error: unknown) => error === TAKEN;

/** A world in which the first tries fail. */
function failing(times: number, error: Error = TAKEN) {
  const tried: number[] = [];
  const start = async (port: number) => {
    tried.push(port);
    if (tried.length <= times) throw error;
    return port;
  };
  return { tried, tries: { start, taken } };
}

describe('a steady port', () => {
  it('is another one when somebody has the first, and never one that systems give to whoever asks', async () => {
    const { tried, tries } = failing(3);
    const port = await onSteadyPort(tries);
    expect([tried.length, tried.at(-1)]).toEqual([4, port]);
    expect(new Set(tried).size).toBeGreaterThan(1);
    expect(tried.every((each) => each >= 20_000 && each < 32_000)).toBe(true);
  });

  it('is not looked for when something else is wrong, nor for ever', async () => {
    const broken = failing(9, new Error('no such line'));
    await expect(onSteadyPort(broken.tries)).rejects.toThrow('no such line');
    expect(broken.tried).toHaveLength(1);
    const full = failing(Number.POSITIVE_INFINITY);
    await expect(onSteadyPort(full.tries)).rejects.toBe(TAKEN);
    expect(full.tried).toHaveLength(20);
  });
});

describe('coming back', () => {
  const paused: number[] = [];
  const pause = async (ms: number) => void paused.push(ms);

  it('waits for the port it had until somebody lets go of it', async () => {
    const { tried, tries } = failing(4);
    expect(await onSamePort(20_100, tries, pause)).toBe(20_100);
    expect(tried).toEqual(Array(5).fill(20_100));
    expect(paused).toHaveLength(4);
  });

  it('says which port somebody has, and keeps what it failed with', async () => {
    const { tried, tries } = failing(Number.POSITIVE_INFINITY);
    const error = await onSamePort(20_100, tries, pause).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining('port 20100 was taken'), cause: TAKEN });
    expect(tried).toHaveLength(20);
  });

  it('fails at once when it is not the port', async () => {
    const { tried, tries } = failing(1, new Error('no such line'));
    await expect(onSamePort(20_100, tries, pause)).rejects.toThrow('no such line');
    expect(tried).toHaveLength(1);
  });
});
