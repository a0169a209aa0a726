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

  test('a terminal that cannot move its cursor is asked nothing, and told so', async () => {
    const terminal = start('create-microservice', { TERM: 'dumb' });
    await terminal.see('this is no terminal that can ask');
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
    await refused.see('What that service has agreed to');
    refused.press(keys.enter);
    await refused.see('deploy/base/deployment.yaml');
    await refused.see('Go ahead');
    refused.press('n', keys.enter);
    await refused.see('Nothing written');
    expect(await refused.exit).toBe(0);
    expect(await record()).toBe(before);

    const left = start('sh -c "cd order-service && msvc add-client payments"');
    await left.see('What that service has agreed to');
    left.press(keys.enter);
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

  test('add-client asks for a contract: one of which no client can be made is refused at the question', async () => {
    const made = start('create-microservice order-service --no-install --no-git');
    expect(await made.exit).toBe(0);
    const folder = join(cwd, 'order-service');
    const add = 'sh -c "cd order-service && msvc add-client payments"';
    await writeFile(join(cwd, 'broken.json'), '{ "openapi": "3.1.0"');

    const left = start(add);
    await left.see('What that service has agreed to');
    left.press(keys.down, keys.enter);
    await left.see('Its file, or its address');
    for (const [wrong, why] of [
      ['', 'An answer is needed'],
      ['../nowhere.json', 'There is no file ../nowhere.json'],
      ['../broken.json', '../broken.json cannot be read as JSON or YAML'],
      ['http://127.0.0.1:9/', 'gave no contract'],
    ] as const) {
      left.press('\x15', wrong, keys.enter);
      await left.see(why);
    }
    left.press(keys.ctrlC);
    expect(await left.exit).toBe(130);
    expect(left.text).toContain('Stopped: nothing was written.');
    expect(existsSync(join(folder, 'src/clients'))).toBe(false);

    const followed = start(add);
    await followed.see('What that service has agreed to');
    followed.press(keys.down, keys.enter);
    await followed.see('Its file, or its address');
    followed.press('contracts/openapi.json', keys.enter);
    await followed.see('contracts/clients/payments.json');
    await followed.see('Go ahead');
    followed.press('n', keys.enter);
    expect(await followed.exit).toBe(0);

    const byHand = start('sh -c "cd order-service && msvc add-client payments --yes --no-install"');
    expect(await byHand.exit).toBe(0);
    const again = start(add);
    await again.see('What that service has agreed to');
    await again.see('OpenAPI');
    expect(again.text).not.toContain('by hand');
    again.press(keys.enter);
    await again.see('Its file, or its address');
    again.press('contracts/openapi.json', keys.enter);
    await again.see('Go ahead');
    again.press('n', keys.enter);
    expect(await again.exit).toBe(0);
  });

  test('a name that is taken is refused at its question, or before any', async () => {
    const made = start('create-microservice order-service --no-install --no-git');
    expect(await made.exit).toBe(0);
    const added = start('sh -c "cd order-service && msvc add-aggregate cart --yes --no-install"');
    expect(await added.exit).toBe(0);

    const asked = start('sh -c "cd order-service && msvc add-aggregate"');
    await asked.see('Name of the aggregate');
    asked.press(keys.enter);
    await asked.see('order-service already has an aggregate "cart"');
    asked.press(keys.ctrlC);
    expect(await asked.exit).toBe(130);

    const given = start('sh -c "cd order-service && msvc add-aggregate cart"');
    await given.see('error NAME_TAKEN');
    expect(await given.exit).toBe(2);
    expect(given.text).not.toContain('What can happen');
  });

  test('add-saga refuses a service whose name no client can have at the question', async () => {
    const made = start('create-microservice order-service --no-install --no-git');
    expect(await made.exit).toBe(0);
    const terminal = start('sh -c "cd order-service && msvc add-saga ship-order"');
    await terminal.see('Steps in order');
    terminal.press('book@registry', keys.enter);
    await terminal.see('"@registry": registry is what a part of the service is called already');
    terminal.press(keys.ctrlC);
    expect(await terminal.exit).toBe(130);
  });

  test('add-feature asks which one and what it asks; Enter takes what the service has', async () => {
    const made = start('create-microservice order-service --delivery flux --no-install --no-git');
    expect(await made.exit).toBe(0);

    const same = start('sh -c "cd order-service && msvc add-feature delivery"');
    await same.see('How it gets to the cluster');
    await same.see('❯ Flux');
    same.press(keys.enter);
    await same.see('Nothing to do');
    expect(await same.exit).toBe(0);

    const other = start('sh -c "cd order-service && msvc add-feature"');
    await other.see('Which one');
    await other.see('Delivery');
    other.press('\x1b[A');
    await other.see('❯');
    other.press(keys.ctrlC);
    expect(await other.exit).toBe(130);
    expect(other.text).toContain('Stopped: nothing was written.');
  });

  test('outside of a service nothing is asked', async () => {
    for (const command of ['msvc add-feature', 'msvc add-client', 'msvc add-route']) {
      const terminal = start(command);
      await terminal.see('error NOT_A_SERVICE');
      expect(await terminal.exit, command).toBe(2);
    }
  });

  test('add-route asks where from, where to and for whom, and for all else that is chosen', async () => {
    const made = start('create-microservice gateway --template gateway --no-install --no-git');
    expect(await made.exit).toBe(0);
    const terminal = start('sh -c "cd gateway && msvc add-route"');
    await terminal.see('Path from outside');
    terminal.press('\x15', 'orders', keys.enter);
    await terminal.see('it must be a path such as /api/orders');
    terminal.press('\x15', '/api/orders/*', keys.enter);
    await terminal.see('Name of the upstream');
    terminal.press(keys.enter);
    await terminal.see('Who may call');
    terminal.press('\x1b[A', keys.enter);
    await terminal.see('What else is said of it');
    expect(terminal.text).not.toContain('Scopes that the token must have');
    terminal.press(keys.space, keys.down, keys.down, keys.down, keys.down, keys.space, keys.enter);
    await terminal.see('Only these methods (a,b)');
    terminal.press('get', keys.enter);
    await terminal.see('it must be methods such as GET,POST');
    terminal.press('\x15', 'GET, HEAD', keys.enter);
    await terminal.see('safe to repeat');
    terminal.press('3', keys.enter);
    await terminal.see('Go ahead');
    terminal.press(keys.enter);
    await terminal.see('Route /api/orders/* to order-service added');
    expect(await terminal.exit).toBe(0);
    expect(await readFile(join(cwd, 'gateway/deploy/base/routes.yaml'), 'utf8')).toContain(
      'service: order-service\n    auth: none\n    methods: [ GET, HEAD ]\n    retries: 3\n',
    );
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
