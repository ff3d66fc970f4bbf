/** The pictures in the documentation are the machines. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkpoint, draw, drawPage, MACHINES, seedLifecycle } from '../../machines/index.ts';

describe('a drawing', () => {
  it('has a line for every step, with event and guard', () => {
    const lines = draw(seedLifecycle).split('\n');

    expect(lines.filter((line) => / --> [A-Z]+: /.test(line))).toHaveLength(17);
    expect(lines).toContain('  TRAINING --> BLENDING: blend [open]');
    expect(lines).toContain('  PROBATIONARY --> CULLED: cull');
    expect(lines).toContain('  [*] --> UNKNOWN');
    expect(lines).toContain('  TERMINATED --> [*]');
    expect(lines).toContain('  note right of BLENDING: alive, contributes, trains');
  });

  it('shows both ways out of a question', () => {
    expect(draw(checkpoint)).toContain(
      '  written --> verified: read [whole]\n  written --> quarantined: read\n',
    );
  });

  it('is what docs/machines.md shows; `npm run docs` draws it again', () => {
    expect(readFileSync(new URL('../../docs/machines.md', import.meta.url), 'utf8')).toBe(drawPage(MACHINES));
  });
});
