/** What the environment says about backend and memory. */
import { describe, expect, it } from 'vitest';
import { engineRoom } from '../../config/engine-room.ts';

describe('the engine room', () => {
  it('follows the configuration, and the environment where that says auto', () => {
    expect(engineRoom('auto', {}).choice).toBe('auto');
    expect(engineRoom('auto', { ESPER_BACKEND: 'node-gpu' }).choice).toBe('node-gpu');
    expect(engineRoom('cpu', { ESPER_BACKEND: 'node-gpu' }).choice).toBe('cpu');
  });

  it('follows the environment before the configuration when a run goes on, whose backend may be gone', () => {
    expect(engineRoom('webgpu', { ESPER_BACKEND: 'wasm' }, true).choice).toBe('wasm');
    expect(engineRoom('webgpu', {}, true).choice).toBe('webgpu');
    expect(engineRoom('webgpu', { ESPER_BACKEND: 'auto' }, true).choice).toBe('webgpu');
  });

  it('takes megabytes as bytes', () => {
    expect(engineRoom('auto', { ESPER_MEMORY_MB: '500' }).maxBytes).toBe(500e6);
    expect(engineRoom('auto', {}).maxBytes).toBeUndefined();
  });

  it('lets a step use two threads, and a library of the machine only when asked', () => {
    expect(engineRoom('auto', {})).toMatchObject({ threads: 2, blas: null });
    expect(engineRoom('auto', { ESPER_THREADS: '1', ESPER_BLAS: '1' })).toMatchObject({
      threads: 1,
      blas: { library: undefined },
    });
    expect(engineRoom('auto', { ESPER_BLAS: '/opt/libopenblas.so' }).blas?.library).toBe(
      '/opt/libopenblas.so',
    );
  });

  it.each([
    [{ ESPER_BACKEND: 'wams' }, 'wasm'],
    [{ ESPER_BACKEND: 'abacus' }, 'node-gpu'],
    [{ ESPER_MEMORY_MB: 'plenty' }, 'number'],
    [{ ESPER_MEMORY_MB: '-3' }, 'number'],
    [{ ESPER_THREADS: '8' }, '1 or 2'],
  ])('refuses %o and says what it takes', (env, hint) => {
    expect(() => engineRoom('auto', env)).toThrow(
      expect.objectContaining({ code: 'CONFIG_ENVIRONMENT_INVALID', hint: expect.stringContaining(hint) }),
    );
  });
});
