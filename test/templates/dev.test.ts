import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../cluster/until.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** Answers with what its files and settings say, and with the routes that it finds by folder. */
const service = `
  import { readdirSync } from 'node:fs';
  import { createServer } from 'node:http';
  import { join } from 'node:path';
  import { word } from './word.ts';
  const routes = readdirSync(join(import.meta.dirname, 'routes')).filter((file) => file.endsWith('.js'));
  const server = createServer((_, response) => response.end([word, process.env.SETTING, ...routes].join(' ')));
  server.listen(0, '127.0.0.1', () => process.send({ listening: 'http://127.0.0.1:' + server.address().port }));
  process.once('SIGTERM', () => process.exit(0));
`;
const word = (text: string): string => `export const word = '${text}';\n`;

interface Development {
  child: ChildProcess;
  /** Path of a file of the service. */
  file(path: string): string;
  said(): string;
  /** Waits until the service answers so. */
  answers(text: string): Promise<void>;
  says(text: string): Promise<void>;
}

/** `npm run dev` of the templates, in a service that is ten lines long. */
async function develop(changed: Readonly<Record<string, string>> = {}): Promise<Development> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-dev-')));
  const file = (path: string) => join(folder, path);
  await cp(join(repository, 'templates/base/scripts'), file('scripts'), { recursive: true });
  await symlink(join(repository, 'node_modules'), file('node_modules'));
  await mkdir(file('src/routes'), { recursive: true });
  await mkdir(file('contracts'));
  const files = {
    'package.json': '{ "type": "module", "bundle": { "found": ["src/routes"], "external": [] } }',
    'contracts/openapi.json': '{ "paths": { "/v1/orders": { "post": {} } } }',
    '.env': 'SETTING=one\n',
    'src/main.ts': service,
    'src/word.ts': word('first'),
    'src/routes/a.ts': 'export {};\n',
    ...changed,
  };
  for (const [path, text] of Object.entries(files)) await writeFile(file(path), text);

  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/dev.ts'], {
    cwd: folder,
    env: { ...process.env, SETTING: undefined, NODE_OPTIONS: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true });
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const address = () => [...said.matchAll(/GET (\S+)\/health/g)].at(-1)?.[1];
  const answer = () => fetch(address() ?? 'http://127.0.0.1:1').then((response) => response.text());
  const wait = (what: string, isThere: () => Promise<boolean>) =>
    until(what, () => child.exitCode !== null || isThere(), { timeout: 120_000 })
      .catch((error: Error) => error)
      .then((error) => {
        if (error || child.exitCode !== null)
          throw new Error(`${error?.message ?? `it ended before ${what}`}\n${said}`);
      });
  return {
    child,
    file,
    said: () => said,
    answers: (text) => wait(`the answer ${text}`, async () => (await answer().catch(() => '')) === text),
    says: (text) => wait(`the words ${text}`, async () => said.includes(text)),
  };
}

test('npm run dev notices every save, however it is made, and more than once', async () => {
  const { file, answers } = await develop();
  await answers('first one a.js');
  const path = file('src/word.ts');
  const saves: Record<string, (text: string) => Promise<unknown>> = {
    'in place': (text) => writeFile(path, text),
    'renamed over': async (text) => {
      await writeFile(file('src/word.ts.new'), text);
      await rename(file('src/word.ts.new'), path);
    },
    'safe write': async (text) => {
      await writeFile(file('src/word.ts.new'), text);
      await rename(path, file('src/word.ts~'));
      await rename(file('src/word.ts.new'), path);
      await rm(file('src/word.ts~'));
    },
    'the folder replaced': async (text) => {
      await cp(file('src'), file('other'), { recursive: true });
      await writeFile(file('other/word.ts'), text);
      await rename(file('src'), file('old'));
      await rename(file('other'), file('src'));
      await rm(file('old'), { recursive: true });
    },
  };
  for (const [how, save] of Object.entries(saves)) {
    for (const time of ['once', 'twice']) {
      await save(word(`${how} ${time}`));
      await answers(`${how} ${time} one a.js`);
    }
  }
});

test('npm run dev follows git from branch to branch, and forgets files that are gone', async () => {
  const { file, answers } = await develop();
  await answers('first one a.js');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@localhost', ...args], { cwd: file('.') });
  git('init', '--quiet', '--initial-branch=main');
  git('add', 'src', '.env');
  git('commit', '--quiet', '--message=one');
  git('switch', '--quiet', '--create=other');
  await writeFile(file('src/word.ts'), word('other'));
  await writeFile(file('src/routes/b.ts'), 'export {};\n');
  await writeFile(file('.env'), 'SETTING=two\n');
  git('add', 'src', '.env');
  git('commit', '--quiet', '--message=two');
  await answers('other two a.js b.js');
  for (const _ of ['once', 'twice']) {
    git('switch', '--quiet', 'main');
    await answers('first one a.js');
    git('switch', '--quiet', 'other');
    await answers('other two a.js b.js');
  }
});

test('npm run dev goes on with the last version that compiled, says so, and names what to try', async () => {
  const { child, file, said, answers, says } = await develop();
  await answers('first one a.js');
  expect(said()).toMatch(/GET http:\/\/127\.0\.0\.1:\d+\/health\n {2}POST http:\/\/127\.0\.0\.1:\d+\/v1\/orders\n/);
  await writeFile(file('src/word.ts'), 'export const word = ;\n');
  await says('It does not compile: the last version that did goes on');
  expect(said()).toContain('src/word.ts:1:20');
  await answers('first one a.js');
  await writeFile(file('src/word.ts'), word('mended'));
  await answers('mended one a.js');
  await writeFile(file('contracts/openapi.json'), '{ "paths": { "/v1/orders": { "get": {} } } }');
  await until('the new operation', () => /GET \S+\/v1\/orders\n/.test(said()));
  child.kill('SIGINT');
  await once(child, 'exit');
  expect(child.exitCode).toBe(0);
});

test('npm run dev waits for a first version that compiles', async () => {
  const { file, answers, says } = await develop({ 'src/word.ts': 'export const word = ;\n' });
  await says('It does not compile yet; it starts as soon as it does');
  await writeFile(file('src/word.ts'), word('now'));
  await answers('now one a.js');
});

test('npm run dev says what changes, and starts again, also where something writes without a rest', async () => {
  const { file, answers, says } = await develop();
  await answers('first one a.js');
  let written = 0;
  const writing = setInterval(() => writeFileSync(file('src/noise.txt'), String(written++)), 20);
  await writeFile(file('src/word.ts'), word('saved meanwhile'));
  await says('Changed: src/noise.txt').finally(() => clearInterval(writing));
  await answers('saved meanwhile one a.js');
});

test('npm run dev outlives a folder that is gone, and goes on once it is back', async () => {
  const { file, answers, says } = await develop();
  await answers('first one a.js');
  await rename(file('src'), file('away'));
  await says('It does not compile: the last version that did goes on');
  await answers('first one a.js');
  await writeFile(file('away/word.ts'), word('back'));
  await rename(file('away'), file('src'));
  await answers('back one a.js');
});
