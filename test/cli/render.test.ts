/** What people see: bars that fit, lines that are few, numbers that can be read. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, duration, loss, percent } from '../../cli/render/numbers.ts';
import { ProgressView, stagesLine } from '../../cli/render/progress.ts';
import { sparkline } from '../../cli/render/sparkline.ts';
import { coloursWanted, style, width } from '../../cli/render/style.ts';
import { table } from '../../cli/render/table.ts';
import { event, progress } from './samples.ts';

function view(options: { animated: boolean; columns?: number; colours?: boolean }) {
  const written: string[] = [];
  let now = 0;
  const progressView = new ProgressView({
    terminal: {
      write: (text) => void written.push(text),
      isTTY: options.animated,
      columns: options.columns ?? 120,
    },
    style: style(options.colours ?? false),
    animated: options.animated,
    nowMs: () => now,
  });
  const pass = (ms: number) => {
    now += ms;
  };
  return { view: progressView, written, pass };
}

describe('without a terminal', () => {
  it('a line is written every 10 seconds or 5 percent, whichever comes first', () => {
    const { view: plain, written, pass } = view({ animated: false });
    for (const [epoch, ms] of [
      [0, 0],
      [1, 100],
      [2, 100],
      [5, 100],
      [6, 100],
      [7, 10_000],
      [8, 0],
    ] as const) {
      pass(ms);
      plain.progressed(progress(epoch));
    }

    expect(written.map((line) => line.split('  ')[0])).toEqual(['epoch 0/100', 'epoch 5/100', 'epoch 7/100']);
  });

  it('a line holds everything and no control character', () => {
    const { view: plain, written } = view({ animated: false });
    plain.progressed(progress(3));
    plain.happened(event('germinated'));
    plain.finish();

    expect(written.join('')).toBe(
      'epoch 3/100  loss 0.4000  accuracy 90.0 %  1,062 parameters  D2 T1 B1 F3  12,345 rows/s  1 min 05 s left\n' +
        '+ germinated epoch 10  s1 in h1/widen: the loss has not moved for 3 boundaries\n',
    );
  });
});

describe('on a terminal', () => {
  it('events stand above the bar, which is drawn again below them', () => {
    const { view: bar, written } = view({ animated: true });
    bar.progressed(progress(50));
    bar.happened(event('fossilized'));
    bar.finish();

    const [first = '', second = '', last] = written;
    expect(first).toContain('epoch 50/100  ██████████░░░░░░░░░░  loss 0.4000');
    expect(second.startsWith('\r\u001b[2K+ fossilized epoch 10')).toBe(true);
    expect(second.endsWith(`\n${first.replace('\r\u001b[2K', '')}`)).toBe(true);
    expect(last).toBe('\n');
  });

  it('the bar never wraps, however narrow, colours or not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 200 }), fc.nat(100), fc.boolean(), (columns, epoch, colours) => {
        const { view: bar, written } = view({ animated: true, columns, colours });
        bar.progressed(progress(epoch));

        expect(width((written[0] ?? '').replace('\r\u001b[2K', ''))).toBeLessThan(columns);
      }),
    );
  });
});

describe('colours', () => {
  it.each([
    [true, {}, true, true],
    [true, {}, false, false],
    [true, { NO_COLOR: '1' }, true, false],
    [true, { FORCE_COLOR: '1' }, false, true],
    [true, { FORCE_COLOR: '0' }, true, false],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [true, { TERM: 'dumb' }, true, false],
    [false, { FORCE_COLOR: '1' }, true, false],
  ])('with option %s, environment %j and terminal %s: %s', (option, env, isTTY, wanted) => {
    expect(coloursWanted(option, env, isTTY)).toBe(wanted);
  });
});

describe('numbers', () => {
  it('are short and honest', () => {
    expect([loss(0.123456), loss(12), loss(0.00001234), loss(0), loss(null)]).toEqual([
      '0.1235',
      '12.00',
      '1.23e-5',
      '0.000',
      '-',
    ]);
    expect([percent(1), percent(0.9999), percent(0.5), percent(null)]).toEqual([
      '100.0 %',
      '99.9 %',
      '50.0 %',
      '-',
    ]);
    expect([4.5, 48, 3200, 245_000, 7_380_000].map(duration)).toEqual([
      '4.5 ms',
      '48 ms',
      '3.2 s',
      '4 min 05 s',
      '2 h 03 min',
    ]);
    expect([12, 3400, 5.6e6].map(bytes)).toEqual(['12 B', '3.4 kB', '5.6 MB']);
  });

  it('stages come in the order of a life, those without seeds left out', () => {
    expect(stagesLine({ FOSSILIZED: 3, TRAINING: 1, CULLED: 0, DORMANT: 2 })).toBe('D2 T1 F3');
  });
});

describe('a curve', () => {
  it('rises from the lowest sign to the highest', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([5, 5, 5])).toBe('▁▁▁');
    expect(sparkline([])).toBe('');
  });

  it('that is longer than the line keeps its end', () => {
    const curve = sparkline([...Array(99).fill(0), 1], 10);

    expect([...curve]).toHaveLength(10);
    expect(curve.endsWith('█')).toBe(true);
  });
});

it('tables line up whatever the colours', () => {
  const paint = style(true);
  const text = table(
    [
      { title: 'name', of: (row: string) => paint.green(row) },
      { title: 'length', of: (row: string) => String(row.length), right: true },
    ],
    ['a', 'longer'],
    style(false),
  );

  expect(text.split('\n').map(width)).toEqual([14, 14, 14, 0]);
});
