/** What every machine of the house keeps, and what each keeps for itself. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyMachineSnapshot, type AnyStateMachine, initialTransition, transition } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import {
  actorLifecycle,
  blueprintLifecycle,
  breaker,
  checkpoint,
  kernelLifecycle,
  trainingRun,
} from '../../machines/index.ts';

type Event = { readonly type: string };
const named = (...types: string[]): Event[] => types.map((type) => ({ type }));
const either = (type: string, field: string): Event[] =>
  [true, false].map((value) => ({ type, [field]: value }));

const machines: ReadonlyArray<readonly [string, AnyStateMachine, readonly Event[]]> = [
  [
    'training run',
    trainingRun,
    named(
      'prepared',
      'pause',
      'resume',
      'rollBack',
      'rolledBack',
      'degrade',
      'recover',
      'complete',
      'settled',
      'interrupt',
      'fail',
    ),
  ],
  ['actor', actorLifecycle, named('ready', 'suspend', 'resume', 'crash', 'restart', 'stop', 'stopped')],
  [
    'checkpoint',
    checkpoint,
    [...named('written', 'writeFailed', 'discard'), ...either('read', 'checksumMatches')],
  ],
  ['breaker', breaker, named('succeed', 'fail', 'tick')],
  ['blueprint', blueprintLifecycle, named('compile', 'compiled', 'reject', 'archive')],
  [
    'kernel',
    kernelLifecycle,
    [...named('benchmark', 'abandon', 'quarantine', 'archive'), ...either('judge', 'harmless')],
  ],
];
const limits = { failures: 3, boundaries: 2 };
const begin = (machine: AnyStateMachine): AnyMachineSnapshot =>
  initialTransition(machine, limits as never)[0] as AnyMachineSnapshot;
const walk = (machine: AnyStateMachine, ...events: readonly Event[]): AnyMachineSnapshot =>
  events.reduce<AnyMachineSnapshot>(
    (state, event) => transition(machine, state, event as never)[0],
    begin(machine),
  );

describe.each(machines)('the %s machine', (_, machine, events) => {
  it('reaches every state by its own events', () => {
    const paths = getShortestPaths(machine, { events: [...events], input: limits } as never);

    expect(new Set(paths.map((path) => path.state.value))).toEqual(new Set(Object.keys(machine.states)));
  });

  it('understands every event it names, and needs no other', () => {
    const understood = new Set(Object.values(machine.states).flatMap((state) => [...state.ownEvents]));

    expect(new Set(events.map(({ type }) => type))).toEqual(understood);
  });

  it('rests for good in a final state, and stays in a known one until then', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events), { maxLength: 60 }), (happened) => {
        let state = begin(machine);
        for (const event of happened) {
          const before = state;
          state = transition(machine, state, event as never)[0] as AnyMachineSnapshot;
          if (before.status === 'done') expect(state.value).toBe(before.value);
          expect(Object.keys(machine.states)).toContain(state.value);
        }
      }),
    );
  });

  it('asks nobody for time and starts nothing by itself', () => {
    for (const state of Object.values(machine.states)) {
      expect(state.invoke).toEqual([]);
      expect(state.after).toEqual([]);
    }
  });
});

describe('a training run', () => {
  it('goes on stepping while degraded, but adapts nothing', () => {
    const state = walk(trainingRun, ...named('prepared', 'degrade'));

    expect([state.hasTag('steps'), state.hasTag('adapts')]).toEqual([true, false]);
  });

  it('does not step while paused or thrown back', () => {
    expect(walk(trainingRun, ...named('prepared', 'pause')).hasTag('steps')).toBe(false);
    expect(walk(trainingRun, ...named('prepared', 'rollBack')).hasTag('steps')).toBe(false);
  });

  it('cannot finish before its last record is on the disk', () => {
    expect(walk(trainingRun, ...named('prepared', 'complete')).hasTag('over')).toBe(false);
    expect(walk(trainingRun, ...named('prepared', 'complete', 'settled')).value).toBe('finished');
  });
});

describe('an actor', () => {
  it('keeps its mail while it restarts, and hears it afterwards', () => {
    const fallen = walk(actorLifecycle, ...named('ready', 'crash'));

    expect([fallen.hasTag('hears'), fallen.hasTag('holds')]).toEqual([false, true]);
    expect(walk(actorLifecycle, ...named('ready', 'crash', 'restart', 'ready')).hasTag('hears')).toBe(true);
  });

  it('does not come back once it was told to stop', () => {
    expect(walk(actorLifecycle, ...named('ready', 'stop', 'crash', 'restart', 'ready')).value).toBe(
      'stopped',
    );
  });
});

describe('a checkpoint', () => {
  const read = (checksumMatches: boolean): Event => ({ type: 'read', checksumMatches }) as Event;

  it('is trusted only after it was read back whole', () => {
    expect(walk(checkpoint, ...named('written')).hasTag('trusted')).toBe(false);
    expect(walk(checkpoint, ...named('written'), read(true)).hasTag('trusted')).toBe(true);
  });

  it('loses its trust for good when a later look finds it damaged', () => {
    expect(walk(checkpoint, ...named('written'), read(true), read(false), read(true)).value).toBe(
      'quarantined',
    );
  });
});

describe('a breaker', () => {
  const fails = (times: number) => Array.from({ length: times }, () => ({ type: 'fail' }));
  const ticks = (times: number) => Array.from({ length: times }, () => ({ type: 'tick' }));

  it('opens at its third failure in a row, not at its second', () => {
    expect(walk(breaker, ...fails(2)).hasTag('lets')).toBe(true);
    expect(walk(breaker, ...fails(3)).value).toBe('OPEN');
  });

  it('forgets failures when one call succeeds', () => {
    expect(walk(breaker, ...fails(2), { type: 'succeed' }, ...fails(2)).value).toBe('CLOSED');
  });

  it('lets one try through after its boundaries, and no earlier', () => {
    expect(walk(breaker, ...fails(3), ...ticks(1)).value).toBe('OPEN');
    expect(walk(breaker, ...fails(3), ...ticks(2)).value).toBe('HALF_OPEN');
  });

  it('waits all over again when that try fails, and closes when it succeeds', () => {
    expect(walk(breaker, ...fails(3), ...ticks(2), ...fails(1), ...ticks(1)).value).toBe('OPEN');
    expect(walk(breaker, ...fails(3), ...ticks(2), { type: 'succeed' }, ...fails(2)).value).toBe('CLOSED');
  });
});

describe('a kernel', () => {
  const judge = (harmless: boolean): Event => ({ type: 'judge', harmless }) as Event;

  it('may be planted only while it is validated', () => {
    expect(walk(kernelLifecycle, ...named('benchmark')).hasTag('plantable')).toBe(false);
    expect(walk(kernelLifecycle, ...named('benchmark'), judge(true)).hasTag('plantable')).toBe(true);
    expect(walk(kernelLifecycle, ...named('benchmark'), judge(false)).hasTag('plantable')).toBe(false);
    expect(
      walk(kernelLifecycle, ...named('benchmark'), judge(true), ...named('quarantine')).hasTag('plantable'),
    ).toBe(false);
  });
});
