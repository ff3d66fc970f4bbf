/** The table as people read it: in a terminal, and as a page of the documentation. */

/** What all rows come to. `holds`: every row that must hold does, none is undecided, and nothing beside them fails. */
export function summaryOf({ rows, beside }) {
  const broken = rows.filter(
    ({ level, state }) => state === 'undecided' || (level === 'M' && state !== 'pass'),
  );
  return {
    otp: tally(rows.filter(({ number }) => number !== null)),
    additions: tally(rows.filter(({ number }) => number === null)),
    beside: tally(beside),
    holds: broken.length === 0 && beside.every(({ state }) => state === 'pass'),
  };
}

function tally(some) {
  const count = (wanted) => some.filter(({ state }) => state === wanted).length;
  return {
    rows: some.length,
    decided: some.length - count('undecided'),
    pass: count('pass'),
    fail: count('FAIL'),
    notApplicable: count('n.a.'),
  };
}

const sentence = ({ rows, decided, pass, fail, notApplicable }) =>
  `${decided} of ${rows} decided, ${pass} pass, ${fail} fail, ${notApplicable} not applicable`;

export function asText({ rows, beside }, { otp, additions, holds }) {
  const wide = Math.max(...rows.map(({ name }) => name.length));
  const indented = (lines) => lines.map((text) => `     ${text.split('\n')[0]}`);
  const ofRow = ({ number, name, level, state, errors, notApplicable }) => [
    `${String(number ?? '+').padStart(3)}  ${name.padEnd(wide)}  ${level}  ${state}`,
    ...indented(notApplicable === undefined ? errors : [notApplicable]),
  ];
  const ofOther = ({ name, state, errors }) => [`     ${name}: ${state}`, ...indented(errors)];
  return [
    ...rows.flatMap(ofRow),
    ...beside.flatMap(ofOther),
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

const DIFFERENCES = `## Where Esper differs from OTP

- A supervisor that gives up has crashed: its own supervisor restarts it when it is \`transient\`, too. In OTP it ends with
  \`shutdown\`, and a transient one stays away. Declare it \`temporary\` for that.
- Nobody can kill a stranger as \`exit(Pid, kill)\` does. A life is killed by its supervisor (\`brutal_kill\`, or patience that
  is over) or when whoever owns its place takes it away. Running code cannot be interrupted: what is killed is fenced, so
  that nothing it still does counts, and \`stopped\` is not called.
- Mailbox, refs and path outlast a crash. The message that caused it has one second chance, then it is a dead letter.
- Case 2: a tree is data and has no \`init\` that could ignore its start; an actor answers \`ignore\` from \`fresh\`.
- Case 75: there are no callback modules; the tree names the definition each place runs.
- Case 79: a name is known in one system. Across nodes a path names the node, and a lease decides who holds a role.
- Case 84: a life that runs ends with the code it began with; the next one follows the new spec.
- Case 86: a spec may change in everything but its id and its kind.
`;

export function asMarkdown({ rows, beside }, { otp, additions }) {
  const sections = [...new Set(rows.map(({ section }) => section))];
  const page = sections.flatMap((section) => {
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
  const others = beside.map(({ name, state }) => `- ${name}: ${state}`);
  return [
    INTRODUCTION,
    `OTP: ${sentence(otp)}.`,
    `Esper's own: ${sentence(additions)}.`,
    '',
    ...page,
    DIFFERENCES,
    '## Beside the table',
    '',
    ...others,
    '',
  ].join('\n');
}
