import { describe, expect, it } from 'vitest';
import { RunLife } from '../../../actors/tolaria/run-life.ts';

const training = () => {
  const life = new RunLife();
  life.begin();
  return life;
};

describe('the life of a run', () => {
  it('trains once it is prepared, and again after the group went back', () => {
    const life = training();
    life.goBack();
    expect(life.status).toBe('rolling_back');

    life.goBack();
    life.begin();
    expect(life.status).toBe('training');
  });

  it('is degraded while adaptation rests, and says so until it is asked again', () => {
    const life = training();
    life.adapting(false);
    life.adapting(false);
    expect(life.status).toBe('degraded');

    life.adapting(true);
    expect(life.status).toBe('training');
  });

  it('ends as finished or as interrupted only when everything is on the disk', () => {
    const [finished, interrupted] = [training(), training()];
    for (const life of [finished, interrupted]) life.tell('complete');
    expect(finished.status).toBe('finishing');

    finished.settle(false);
    interrupted.settle(true);
    expect([finished.status, interrupted.status]).toEqual(['finished', 'interrupted']);
  });

  it('refuses what the lifecycle forbids', () => {
    expect(() => training().tell('settled')).toThrow("a run that is training does not take 'settled'");
  });
});
