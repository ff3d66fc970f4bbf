/** What people get from the package: the packed tarball in an empty project, under strict types, printing what the docs say. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const examples = readdirSync(`${root}examples`).filter((name) => name.endsWith('.ts'));
/** The declarations of tensorflow.js themselves are not strict, so what uses it is checked without looking into libraries. */
const withTensors = examples.filter((name) =>
  readFileSync(`${root}examples/${name}`, 'utf8').includes('@tensorflow/tfjs'),
);
const guide = ['runtime', 'wrap'].map((page) => readFileSync(`${root}docs/${page}.md`, 'utf8')).join('\n');
/** Compiled beside the examples, and the only file that must not pass. */
const WRONG = `import type { Ref } from 'esper/runtime';
declare const ref: Ref<{ readonly type: 'add'; readonly by: number }>;
ref.send({ type: 'add', by: 1 });
ref.send({ type: 'add', by: 'one' });
ref.send({ type: 'remove' });
`;
let app: string;
let complaints: readonly (readonly string[])[];

/** An empty project: the tarball unpacked where npm would put it, and the libraries that it depends on. */
beforeAll(async () => {
  app = mkdtempSync(join(tmpdir(), 'esper-package-'));
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', app], {
    cwd: root,
  });
  const [packed] = JSON.parse(stdout) as [{ filename: string }];
  const modules = `${app}/node_modules`;
  mkdirSync(`${modules}/esper`, { recursive: true });
  await run('tar', ['xzf', `${app}/${packed.filename}`, '-C', `${modules}/esper`, '--strip-components=1']);
  for (const name of readdirSync(`${root}node_modules`)) {
    if (!name.startsWith('.') && name !== 'esper')
      symlinkSync(`${root}node_modules/${name}`, `${modules}/${name}`);
  }
  for (const name of examples) cpSync(`${root}examples/${name}`, `${app}/${name}`);
  writeFileSync(`${app}/package.json`, JSON.stringify({ name: 'app', private: true, type: 'module' }));
  const compilerOptions = {
    strict: true,
    target: 'ES2023',
    module: 'NodeNext',
    skipLibCheck: false,
    types: ['node'],
    outDir: 'out',
  };
  const plain = { compilerOptions, include: ['*.ts'], exclude: withTensors };
  const tensors = { compilerOptions: { ...compilerOptions, skipLibCheck: true }, include: withTensors };
  writeFileSync(`${app}/tsconfig.json`, JSON.stringify(plain));
  writeFileSync(`${app}/tsconfig.tensors.json`, JSON.stringify(tensors));
  writeFileSync(`${app}/wrong.ts`, WRONG);
  complaints = await Promise.all(['tsconfig.json', 'tsconfig.tensors.json'].map(compile));
});

afterAll(() => rmSync(app, { recursive: true, force: true }));

/** Compiles a project of the empty one. @returns the lines that the compiler says */
async function compile(project: string): Promise<readonly string[]> {
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const compiling = run(process.execPath, [tsc, '-p', `${app}/${project}`], { cwd: app });
  const { stdout } = await compiling.catch((error: { stdout: string }) => error);
  return stdout.split('\n').filter((line) => line !== '');
}

describe('the package in an empty project', () => {
  it('compiles every example under strict', () => {
    expect(complaints.flat().filter((line) => !/^(wrong\.ts| )/.test(line))).toEqual([]);
    for (const name of examples) expect(existsSync(`${app}/out/${basename(name, '.ts')}.js`)).toBe(true);
  });

  it.each(examples)('prints what the guide says: %s', async (name) => {
    const { stdout } = await run(process.execPath, [`${app}/out/${basename(name, '.ts')}.js`], { cwd: app });

    expect(guide).toContain(`\`\`\`ts\n${readFileSync(`${root}examples/${name}`, 'utf8')}\`\`\``);
    expect(guide).toContain(`\`\`\`text\n${stdout}\`\`\``);
  });

  it('does not compile a message that the protocol does not know', () => {
    const places = complaints.flat().flatMap((line) => line.match(/^wrong\.ts\(\d+/) ?? []);

    expect(places).toEqual(['wrong.ts(4', 'wrong.ts(5']);
  });

  it('carries neither tests nor benchmarks nor sources', async () => {
    const inside = readdirSync(`${app}/node_modules/esper`, { recursive: true }).map(String);

    expect(inside.filter((path) => /^dist\/(test|bench)\b/.test(path))).toEqual([]);
    expect(inside).toContain('dist/runtime/index.js');
    expect(inside).toContain('dist/runtime/index.d.ts');
  });
});
