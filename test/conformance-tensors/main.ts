/** `npm run conformance:tensors`: every backend the machine offers, each in a process of its own, against cpu. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CASES } from './cases/index.ts';
import { SLOPE_TOLERANCE, TOLERANCE } from './error.ts';
import { type Exam, exam } from './exam.ts';
import { inLines, machineHere } from './machine.ts';
import { type Options, parse } from './options.ts';
import { filled } from './page.ts';
import { asText, sectionsOf } from './report.ts';
import { holds, verdictOf } from './verdict.ts';

/** From dist/test/conformance-tensors. */
const PAGE = fileURLToPath(new URL('../../../docs/backends.md', import.meta.url));

const options = parse(process.argv.slice(2));
if ('text' in options) {
  process[options.status === 0 ? 'stdout' : 'stderr'].write(`${options.text}\n`);
  process.exitCode = options.status;
} else {
  process.exitCode = (await run(options)) ? 0 : 1;
}

async function run({ backends, named, json, write }: Options): Promise<boolean> {
  const exams: Exam[] = [];
  for (const name of backends) {
    process.stderr.write(`${name}: ${CASES.length} cases\n`);
    exams.push(await exam(name));
  }
  const verdicts = exams.map((taken) => verdictOf(taken, exams[0]!, named));
  const machine = machineHere();
  process.stdout.write(asText(verdicts));
  if (json !== null) {
    const found = { machine, tolerance: TOLERANCE, slopeTolerance: SLOPE_TOLERANCE, backends: verdicts };
    // JSON knows no infinity: an error without a bound is told as one
    const words = (_: string, value: unknown) => (value === Number.POSITIVE_INFINITY ? 'infinity' : value);
    writeFileSync(json, `${JSON.stringify({ holds: holds(verdicts), ...found }, words, 2)}\n`);
  }
  if (write) writeFileSync(PAGE, filled(readFileSync(PAGE, 'utf8'), sectionsOf(verdicts, inLines(machine))));
  return holds(verdicts);
}
