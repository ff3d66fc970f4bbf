/** What `gpu:setup` can be asked for. */
import { parseArgs } from 'node:util';

export const HELP = `npm run gpu:setup -- [options]

Installs @tensorflow/tfjs-node-gpu beside Esper, so that ESPER_BACKEND=node-gpu works. Nothing is
written into package.json. Without options the way is chosen: the package as it is published where
its library fits the GPU, else its addon compiled here against a current TensorFlow library.

  --tensorflow pip   take the library from pip's wheel (the default when it is compiled): with CUDA
                     where there is an NVIDIA GPU, else for the CPU
  --tensorflow DIR   take the library from DIR: a wheel's tensorflow/ folder, or its parent
  --cpu              the wheel for the CPU even where there is a GPU
  --stock            the package as it is published, with its own install script
  --target DIR       folder whose node_modules gets the package (this one unless said)
  --cache DIR        where the wheel is kept (~/.cache/esper unless said)
  --dry-run          say what would be done, and do nothing
  --help             this text

Needs for compiling: g++ with C++17, and python3 with pip unless --tensorflow DIR.`;

/** @returns the options, or a complaint as `{ complaint }` */
export function readOptions(args, { cwd, home }) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        tensorflow: { type: 'string' },
        cpu: { type: 'boolean', default: false },
        stock: { type: 'boolean', default: false },
        target: { type: 'string', default: cwd },
        cache: { type: 'string', default: `${home}/.cache/esper` },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.stock && values.tensorflow)
      return { complaint: '--stock brings its own library: leave --tensorflow out' };
    return values;
  } catch (error) {
    return { complaint: error.message };
  }
}
