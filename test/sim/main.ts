/** `npm run sim`: many seeds, or one seed told in full, or the planted defects. */
import { writeFileSync } from 'node:fs';
import { startCrew } from './crew.ts';
import { type Options, parse } from './options.ts';
import { huntAll } from './planted/hunt.ts';
import { Progress } from './progress.ts';
import { replay } from './replay.ts';
import { Report } from './report.ts';
import { seedsOf } from './suites.ts';

const options = parse(process.argv.slice(2));
if ('text' in options) {
  process[options.status === 0 ? 'stdout' : 'stderr'].write(`${options.text}\n`);
  process.exit(options.status);
}
const good = options.planted
  ? await huntAll(options)
  : options.seed === null
    ? await campaign(options)
    : await replay(options, options.seed);
process.exit(good ? 0 : 1);

async function campaign({ suites, seeds, jobs, shrinkBudget, json }: Options): Promise<boolean> {
  const report = new Report();
  const progress = new Progress(suites.reduce((sum, name) => sum + seedsOf(name, seeds), 0));
  const print = () => process.stdout.write(`${report.text(progress.seconds)}\n`);
  const crew = startCrew({
    suites,
    seeds,
    jobs,
    shrinkBudget,
    take(trial) {
      report.add(trial);
      progress.step(report.failures.length);
      return true;
    },
  });
  process.once('SIGINT', () => {
    crew.end();
    print();
    process.exit(130);
  });
  await crew.done;
  print();
  if (json !== null) writeFileSync(json, `${JSON.stringify(report.json(progress.seconds), null, 2)}\n`);
  return report.good;
}
