/** The table as people read it: in a terminal, and as a page of the documentation. */

/** What all rows come to. `holds`: every row that must hold does, and none is undecided. */
export function summaryOf(rows) {
  const otp = rows.filter(({ number }) => number !== null);
  const additions = rows.filter(({ number }) => number === null);
  const count = (some, ...states) => some.filter(({ state }) => states.includes(state)).length;
  const tally = (some) => ({
    rows: some.length,
    decided: some.length - count(some, 'undecided'),
    pass: count(some, 'pass'),
    fail: count(some, 'FAIL'),
    notApplicable: count(some, 'n.a.'),
  });
  const broken = rows.filter(
    ({ level, state }) => state === 'undecided' || (level === 'M' && state !== 'pass'),
  );
  return { otp: tally(otp), additions: tally(additions), holds: broken.length === 0 };
}

const sentence = ({ rows, decided, pass, fail, notApplicable }) =>
  `${decided} of ${rows} decided, ${pass} pass, ${fail} fail, ${notApplicable} not applicable`;

export function asText(rows, { otp, additions, holds }) {
  const wide = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.flatMap(({ number, name, level, state, errors, notApplicable }) => {
    const line = `${String(number ?? '+').padStart(3)}  ${name.padEnd(wide)}  ${level}  ${state}`;
    const more = notApplicable === undefined ? errors : [notApplicable];
    return [line, ...more.map((text) => `     ${text.split('\n')[0]}`)];
  });
  return [
    ...lines,
    '',
    `OTP: ${sentence(otp)}`,
    `Esper: ${sentence(additions)}`,
    holds ? 'All that must hold holds.' : 'Not everything that must hold does.',
    '',
  ].join('\n');
}

const INTRODUCTION = `# Conformance

What a supervisor must do was written down long before Esper: the supervisor suite of Erlang/OTP has 93 cases.
Each has one test here under its own name, told in Esper's words and held on a clock that only the test moves;
what Esper asks on top stands at the end. \`M\` must hold, \`S\` should.

This page is written by \`npm run conformance -- --write\`. The tests are in
[test/conformance](../test/conformance).
`;

export function asMarkdown(rows, { otp, additions }) {
  const sections = [...new Set(rows.map(({ section }) => section))];
  const page = sections.map((section) => {
    const body = rows
      .filter((row) => row.section === section)
      .map(({ number, name, level, state, asserts, notApplicable }) => {
        const said = notApplicable === undefined ? asserts : `${asserts}. Not applicable: ${notApplicable}`;
        return `| ${number ?? ''} | \`${name}\` | ${level} | ${said} | ${state} |`;
      });
    const title = section[0].toUpperCase() + section.slice(1);
    return [
      `## ${title}`,
      '',
      '| # | Case | | What its test holds | |',
      '|---|---|---|---|---|',
      ...body,
      '',
    ];
  });
  const figures = [`OTP: ${sentence(otp)}.`, `Esper's own: ${sentence(additions)}.`, ''];
  return [INTRODUCTION, ...figures, ...page.flat()].join('\n');
}
