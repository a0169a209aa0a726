import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { useBuiltPackage } from './support/built-package.ts';
import { hasTerminal, keys, Terminal } from './support/terminal.ts';

const built = useBuiltPackage();

let cwd: string;
beforeEach(async () => {
  cwd = await realpath(await mkdtemp(join(tmpdir(), 'msvc-prompts-')));
  return () => rm(cwd, { recursive: true, force: true });
});

function start(command: string, env: Record<string, string> = {}): Terminal {
  const terminal = new Terminal(command, {
    cwd,
    env: { PATH: built.path, HOME: cwd, GIT_CONFIG_NOSYSTEM: '1', ...env },
  });
  onTestFinished(() => terminal.kill());
  return terminal;
}

/** The questions of `msvc new` in their order; each has an answer that Enter takes. */
const questions = [
  'Name of the service',
  'What it does',
  'Bounded context',
  'Team that owns it',
  'Template',
  'Features',
  'Services that it calls',
  'Package manager',
  'git repository',
  'Install',
] as const;

/** Waits for each question and takes what it offers. */
async function acceptDefaults(terminal: Terminal, asked: readonly string[]): Promise<void> {
  for (const question of asked) {
    await terminal.see(question);
    terminal.press(keys.enter);
  }
}

describe.skipIf(!hasTerminal)('on a terminal', () => {
  test('msvc new asks for everything, and a bad answer again', async () => {
    const terminal = start('msvc new');
    await terminal.see('Name of the service');
    terminal.press('Order Service', keys.enter);
    await terminal.see('try order-service');
    terminal.press('\x15', 'order-service', keys.enter);
    await acceptDefaults(terminal, questions.slice(1, 6));
    await terminal.see('Services that it calls');
    terminal.press('payments', keys.enter);
    await terminal.see('Package manager');
    terminal.press(keys.enter);
    await terminal.see('git repository');
    terminal.press('n', keys.enter);
    await terminal.see('Install');
    terminal.press('n', keys.enter);
    await terminal.see('npm run dev');
    expect(await terminal.exit).toBe(0);
    const record = JSON.parse(await readFile(join(cwd, 'order-service/.msvc/service.json'), 'utf8'));
    expect(record).toMatchObject({
      name: 'order-service',
      packageManager: 'npm',
      instances: { clients: [{ name: 'payments' }] },
    });
    expect(existsSync(join(cwd, 'order-service/.git'))).toBe(false);
  });

  test('a template can be chosen, and its features are offered no more', async () => {
    const terminal = start('create-microservice mailer');
    for (const question of questions.slice(1, 4)) {
      await terminal.see(question);
      terminal.press(keys.enter);
    }
    await terminal.see('Template');
    terminal.press(keys.down);
    await terminal.see('❯ worker');
    terminal.press(keys.enter);
    await terminal.see('Features');
    await terminal.see('Redis');
    expect(terminal.text).not.toContain('◯ Postgres');
    terminal.press(keys.enter);
    for (const question of questions.slice(6, -2)) {
      await terminal.see(question);
      terminal.press(keys.enter);
    }
    await terminal.see('git repository');
    terminal.press('n', keys.enter);
    await terminal.see('Install');
    terminal.press('n', keys.enter);
    expect(await terminal.exit).toBe(0);
    const { features } = JSON.parse(await readFile(join(cwd, 'mailer/.msvc/service.json'), 'utf8'));
    expect(Object.keys(features)).toEqual(expect.arrayContaining(['delivery', 'events', 'postgres']));
    expect(features).not.toHaveProperty('example');
  });

  test('sagas, events and aggregates are offered, and one that is chosen is asked for', async () => {
    const terminal = start('create-microservice shop');
    await acceptDefaults(terminal, questions.slice(1, 5));
    await terminal.see('Features');
    await terminal.see('Aggregates');
    terminal.press(' ', keys.enter);
    await terminal.see('Name of the aggregate');
    terminal.press('\x15', 'basket', keys.enter);
    await acceptDefaults(terminal, ['What can happen to it', 'Services that it calls', 'Package manager']);
    await terminal.see('git repository');
    terminal.press('n', keys.enter);
    await terminal.see('Install');
    terminal.press('n', keys.enter);
    expect(await terminal.exit).toBe(0);
    const { instances } = JSON.parse(await readFile(join(cwd, 'shop/.msvc/service.json'), 'utf8'));
    expect(instances.aggregates).toMatchObject([{ name: 'basket' }]);
  });

  test('inside a git repository there is no question about one', async () => {
    await mkdir(join(cwd, '.git'));
    const terminal = start('create-microservice order-service');
    await acceptDefaults(terminal, questions.slice(1, -2));
    await terminal.see('Install');
    terminal.press('n', keys.enter);
    await terminal.see('no git repository made: it is in a git repository already');
    expect(await terminal.exit).toBe(0);
    expect(terminal.text).not.toContain('Make a git repository');
  });

  test('in a workspace there is no question about the package manager', async () => {
    await writeFile(join(cwd, 'pnpm-workspace.yaml'), 'packages: ["*"]\n');
    const terminal = start('create-microservice order-service');
    const asked = questions.slice(1, -1).filter((question) => question !== 'Package manager');
    await acceptDefaults(terminal, asked);
    await terminal.see('Install');
    terminal.press('n', keys.enter);
    await terminal.see('pnpm dev');
    expect(await terminal.exit).toBe(0);
    expect(terminal.text).not.toContain('Package manager');
  });

  test('a name alone is no option: the rest is asked', async () => {
    const terminal = start('create-microservice order-service');
    await terminal.see('What it does');
    terminal.press(keys.ctrlC);
    expect(await terminal.exit).toBe(130);
  });

  test('any option means no question', async () => {
    const terminal = start('create-microservice order-service --no-install --no-git');
    await terminal.see('Next:');
    expect(await terminal.exit).toBe(0);
    expect(terminal.text).not.toContain('What it does');
  });

  test('CI means no question', async () => {
    const terminal = start('create-microservice', { CI: 'true' });
    await terminal.see('error NAME_MISSING');
    expect(await terminal.exit).toBe(2);
  });

  test('NO_COLOR and --no-color give plain text, a terminal otherwise colour', async () => {
    const colourful = start('msvc --help');
    expect(await colourful.exit).toBe(0);
    expect(colourful.raw).toContain('\x1b[1m');
    for (const terminal of [start('msvc --help', { NO_COLOR: '1' }), start('msvc --help --no-color')]) {
      expect(await terminal.exit).toBe(0);
      expect(terminal.raw).not.toContain('\x1b');
      expect(terminal.text).toBe(colourful.text);
    }
  });

  test('a change is shown and asked about before it is written', async () => {
    const made = start('create-microservice order-service --no-install --no-git');
    expect(await made.exit).toBe(0);
    const record = (): Promise<string> => readFile(join(cwd, 'order-service/.msvc/service.json'), 'utf8');
    const before = await record();

    const refused = start('sh -c "cd order-service && msvc add-client payments"');
    await refused.see('deploy/base/deployment.yaml');
    await refused.see('Go ahead');
    refused.press('n', keys.enter);
    await refused.see('Nothing written');
    expect(await refused.exit).toBe(0);
    expect(await record()).toBe(before);

    const left = start('sh -c "cd order-service && msvc add-client payments"');
    await left.see('Go ahead');
    left.press(keys.ctrlC);
    expect(await left.exit).toBe(130);
    expect(await record()).toBe(before);

    const accepted = start('sh -c "cd order-service && msvc add-client payments --no-install"');
    await accepted.see('Go ahead');
    accepted.press(keys.enter);
    await accepted.see('Client payments added');
    expect(await accepted.exit).toBe(0);
    expect(JSON.parse(await record()).instances).toEqual({ clients: [{ name: 'payments' }] });
  });

  test('add-saga without a name asks for it, for the steps, and whether to go ahead', async () => {
    const made = start('create-microservice order-service --no-install --no-git');
    expect(await made.exit).toBe(0);

    const terminal = start('sh -c "cd order-service && msvc add-saga"');
    await terminal.see('Name of the saga');
    terminal.press('Place Order', keys.enter);
    await terminal.see('it must be lower-case letters');
    terminal.press('\x15', 'ship-order', keys.enter);
    await terminal.see('Steps in order');
    terminal.press('book@carrier,book', keys.enter);
    await terminal.see('is in the list twice');
    terminal.press('\x15', 'book@carrier,send-mail', keys.enter);
    await terminal.see('Go ahead');
    terminal.press(keys.ctrlC);
    expect(await terminal.exit).toBe(130);
    expect(terminal.text).toContain('src/sagas/ship-order/steps.ts');
    expect(existsSync(join(cwd, 'order-service/src/sagas'))).toBe(false);
  });

  test.each(questions)('Ctrl-C at "%s" leaves with 130 and writes nothing', async (question) => {
    const terminal = start('msvc new');
    for (const earlier of questions.slice(0, questions.indexOf(question))) {
      await terminal.see(earlier);
      terminal.press(keys.enter);
    }
    await terminal.see(question);
    terminal.press(keys.ctrlC);
    expect(await terminal.exit).toBe(130);
    expect(await readdir(cwd)).toEqual([]);
    expect(terminal.text).toContain('Stopped: nothing was written.');
    expect(terminal.text).not.toMatch(/error|at .*\.js/);
  });
});
