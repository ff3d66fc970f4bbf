/** Tables from text: what is read, and where it says that something is wrong. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvOptions, readCsv } from '../../../nn/data/index.ts';
import { inputsOf, labelsOf, targetsOf } from './read-all.ts';

const options: CsvOptions = { header: 'auto', target: 'last', kind: 'classes', scale: 1, delimiter: ',' };
const read = (text: string, changed: Partial<CsvOptions> = {}) => readCsv(text, { ...options, ...changed });
const failure = (text: string, changed: Partial<CsvOptions> = {}) => {
  try {
    read(text, changed);
  } catch (error) {
    return error;
  }
  return null;
};

describe('a table', () => {
  it('without a header has its classes in the last column, sorted by name', () => {
    const { rows, classes, columns } = read('5.1,3.5,setosa\n6,2.9,virginica\n5,3,setosa\n6,2,alba');

    expect(classes).toEqual(['alba', 'setosa', 'virginica']);
    expect(labelsOf(rows)).toEqual([1, 2, 1, 0]);
    expect(inputsOf(rows)[1]).toEqual([6, Math.fround(2.9)]);
    expect(columns).toEqual(['column 1', 'column 2']);
  });

  it('sorts classes that are numbers as numbers', () => {
    expect(read('1,10\n1,9\n1,2').classes).toEqual(['2', '9', '10']);
  });

  it('finds a header by itself and a target by name', () => {
    const { rows, columns } = read('kind,width,height\na,1,2\nb,3,4\n', { target: 'kind' });

    expect(columns).toEqual(['width', 'height']);
    expect(inputsOf(rows)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(read('width,height,kind\n1,2,a').rows.count).toBe(1);
    expect(read('1,2,a\n1,2,a').rows.count).toBe(2);
  });

  it('predicts a number where values are asked for, and scales inputs only', () => {
    const { rows, classes } = read('16,8,3.5\n0,4,-1e3', { kind: 'values', scale: 1 / 16 });

    expect(inputsOf(rows)).toEqual([
      [1, 0.5],
      [0, 0.25],
    ]);
    expect(targetsOf(rows)).toEqual([[3.5], [-1000]]);
    expect(classes).toEqual([]);
  });

  it('may end its lines as Windows does, begin with a byte order mark, and have blank lines', () => {
    expect(inputsOf(read('\ufeff1,2,a\r\n\r\n3,4,b\r\n\n').rows)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('may quote its fields', () => {
    const { rows, classes } = read('"1","2","say ""a"", b"\r\n3,4,"two\nlines"\n');

    expect(classes).toEqual(['say "a", b', 'two\nlines']);
    expect(rows.count).toBe(2);
  });

  it('knows beforehand which classes there are', () => {
    const known = { classes: ['no', 'yes'] };

    expect(labelsOf(read('1,yes', known).rows)).toEqual([1]);
    expect(failure('1,yes\n2,perhaps', known)).toMatchObject({
      code: 'DATA_UNKNOWN_CLASS',
      details: { line: 2, column: 2, value: 'perhaps' },
    });
  });

  it('comes back as it was written', () => {
    const cell = fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0); // text has one zero
    const table = fc.integer({ min: 1, max: 5 }).chain((width) =>
      fc.array(
        fc.tuple(fc.array(cell, { minLength: width, maxLength: width }), fc.constantFrom('a', 'b "c", d')),
        {
          minLength: 1,
          maxLength: 30,
        },
      ),
    );
    fc.assert(
      fc.property(table, (lines) => {
        const text = lines
          .map(([cells, name]) => `${cells.join(',')},"${name.replaceAll('"', '""')}"`)
          .join('\n');
        const { rows, classes } = read(text, { header: false });

        expect(inputsOf(rows)).toEqual(lines.map(([cells]) => cells));
        expect(labelsOf(rows).map((label) => classes[label])).toEqual(lines.map(([, name]) => name));
      }),
    );
  });
});

describe('a table with a mistake', () => {
  it.each(['NaN', '', 'Infinity', '-Infinity', '0x10', '1e39', '1.2.3', 'abc', '1 2'])(
    "says where '%s' is instead of a number",
    (value) => {
      expect(failure(`x,y,kind\n1,2,a\n3,${value},b`)).toMatchObject({
        code: 'DATA_NOT_A_NUMBER',
        details: { line: 3, column: 2 },
      });
    },
  );

  it('is not taken for a header because of one bad field', () => {
    expect(failure('NaN,2,a\n3,4,b')).toMatchObject({
      code: 'DATA_NOT_A_NUMBER',
      details: { line: 1, column: 1 },
    });
  });

  it('says which line is too short or too long, counting lines within quotes', () => {
    expect(failure('1,"a\nb"\n1,2,3')).toMatchObject({
      code: 'DATA_RAGGED_ROW',
      details: { line: 3, columns: 3, expected: 2 },
    });
    expect(failure('1,2,a\n1,a')).toMatchObject({ code: 'DATA_RAGGED_ROW', details: { line: 2, column: 3 } });
  });

  it('says which quote does not close', () => {
    expect(failure('1,a\n2,"b')).toMatchObject({ code: 'DATA_BAD_QUOTE', details: { line: 2, column: 2 } });
    expect(failure('1,"a"b\n')).toMatchObject({ code: 'DATA_BAD_QUOTE', details: { line: 1, column: 2 } });
  });

  it('says that the target is not a number, or not there', () => {
    expect(failure('1,2\n1,x', { kind: 'values' })).toMatchObject({
      code: 'DATA_NOT_A_NUMBER',
      details: { line: 2, column: 2 },
    });
    expect(failure('1,2\n', { target: 2 })).toMatchObject({ code: 'DATA_NO_SUCH_COLUMN' });
    expect(failure('a,b\n1,2', { target: 'c' })).toMatchObject({
      code: 'DATA_NO_SUCH_COLUMN',
      details: { columns: ['a', 'b'] },
    });
  });

  it.each(['', '\n\n', 'a,b\n', '1\n2'])('has nothing to learn from: %j', (text) => {
    expect(failure(text)).toMatchObject({ code: 'DATA_EMPTY' });
  });

  it('takes a number for a class a thousand times, then says what was probably meant', () => {
    const text = Array.from({ length: 1001 }, (_, i) => `1,${i}.5`).join('\n');

    expect(failure(text)).toMatchObject({ code: 'DATA_TOO_MANY_CLASSES', details: { classes: 1001 } });
  });
});
