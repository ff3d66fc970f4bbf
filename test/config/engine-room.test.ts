/** What the environment says about backend and memory. */
import { describe, expect, it } from 'vitest';
import { engineRoom } from '../../config/engine-room.ts';

describe('the engine room', () => {
  it('follows the configuration, and the environment where that says auto', () => {
    expect(engineRoom('auto', {}).choice).toBe('auto');
    expect(engineRoom('auto', { ESPER_BACKEND: 'node-gpu' }).choice).toBe('node-gpu');
    expect(engineRoom('cpu', { ESPER_BACKEND: 'node-gpu' }).choice).toBe('cpu');
  });

  it('takes megabytes as bytes', () => {
    expect(engineRoom('auto', { ESPER_MEMORY_MB: '500' }).maxBytes).toBe(500e6);
    expect(engineRoom('auto', {}).maxBytes).toBeUndefined();
  });

  it.each([
    [{ ESPER_BACKEND: 'wams' }, 'wasm'],
    [{ ESPER_BACKEND: 'abacus' }, 'node-gpu'],
    [{ ESPER_MEMORY_MB: 'plenty' }, 'number'],
    [{ ESPER_MEMORY_MB: '-3' }, 'number'],
  ])('refuses %o and says what it takes', (env, hint) => {
    expect(() => engineRoom('auto', env)).toThrow(
      expect.objectContaining({ code: 'CONFIG_ENVIRONMENT_INVALID', hint: expect.stringContaining(hint) }),
    );
  });
});
