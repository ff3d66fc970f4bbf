/** `npm run gpu:setup`: TensorFlow's own library for Node, on an NVIDIA GPU where there is one. */
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { gpuHere } from './machine.mjs';
import { HELP, readOptions } from './options.mjs';
import { stepsFor } from './steps.mjs';

const USAGE = 2;
const options = readOptions(process.argv.slice(2), { cwd: process.cwd(), home: homedir() });
if (options.complaint) {
  console.error(`${options.complaint}\ntry: npm run gpu:setup -- --help`);
  process.exitCode = USAGE;
} else if (options.help) console.log(HELP);
else setUp();

function setUp() {
  const gpu = gpuHere();
  console.log(gpu ? `${gpu.name}, compute capability ${gpu.capability}` : 'no NVIDIA GPU answers here');
  const { why, steps } = stepsFor(options, gpu);
  console.log(why);
  for (const [i, step] of steps.entries()) {
    console.log(`[${i + 1}/${steps.length}] ${step.says}`);
    if (options['dry-run']) console.log(`      ${step.sketch ?? step.command?.join(' ') ?? ''}`);
    else if (!carryOut(step)) return;
  }
  if (!options['dry-run']) console.log('done: ESPER_BACKEND=node-gpu, or esper doctor --gpu');
}

/** @returns whether it went well; says what to do when not */
function carryOut({ work, command, cwd, says }) {
  try {
    work?.();
    if (!command) return true;
    const [program, ...args] = typeof command === 'function' ? command() : command;
    const { status, error } = spawnSync(program, args, { cwd, stdio: 'inherit' });
    if (error) throw error;
    if (status === 0) return true;
    throw new Error(`${program} ended with ${status}`);
  } catch (error) {
    console.error(`could not ${says}: ${error.message}`);
    console.error('nothing else was changed; esper doctor --gpu says what is missing');
    process.exitCode = 1;
    return false;
  }
}
