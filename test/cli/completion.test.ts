import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';
import { runCommandLine } from '../../src/cli/main.ts';
import { manifests } from '../../src/cli/templates/manifests.ts';
import { useBuiltPackage } from './support/built-package.ts';
import { hasTerminal, Terminal } from './support/terminal.ts';
import { testPorts } from './support/test-ports.ts';

const cluster = 'arn:aws:eks:eu-central-1:1234:cluster/shop';

let home: string;
beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'msvc-completion-')));
  return () => rm(home, { recursive: true, force: true });
});

/** Writes a kubeconfig; `user` as YAML in braces. */
async function kubeconfig(server: string, user = '{}', context = cluster): Promise<string> {
  const file = join(home, 'kubeconfig');
  await writeFile(
    file,
    `apiVersion: v1
kind: Config
current-context: "${context}"
clusters: [{ name: it, cluster: { server: "${server}" } }]
users: [{ name: me, user: ${user} }]
contexts:
  - { name: "${context}", context: { cluster: it, user: me } }
  - { name: staging, context: { cluster: it, user: me } }
  - { name: "$(touch hacked)", context: { cluster: it, user: me } }
`,
  );
  return file;
}

/** What `msvc completion zsh` answers for a line whose last word is being typed. */
async function answer(line: string, env: Record<string, string> = {}): Promise<{ words: string[]; stderr: string }> {
  const ports = testPorts({ cwd: home, env: { HOME: home, ...env } });
  const words = line.split(' ').map((word) => `--word=${word}`);
  expect(await runCommandLine('msvc', ['completion', 'zsh', ...words], ports)).toBe(0);
  // zsh: a colon parts a word from what it means.
  const lines = ports.stdout.text.split('\n').filter(Boolean);
  const parts = lines.map((one) => (one.startsWith(':') ? one : (one.split(/(?<!\\):/)[0] ?? '')));
  return { words: parts.map((word) => word.replaceAll('\\:', ':')), stderr: ports.stderr.text };
}

describe('what can stand next', () => {
  test('every command', async () => {
    const names = commands.map(({ name }) => name);
    expect((await answer('msvc ')).words).toEqual(names);
    expect((await answer('msvc help ')).words).toEqual(names);
    expect((await answer('msvc --no-color ch')).words).toEqual(['check', 'check-cluster']);
  });

  test.each(commands.map(({ name }) => [name]))('every option of %s that its help shows', async (name) => {
    const ports = testPorts();
    await runCommandLine('msvc', [name, '--help'], ports);
    const shown = [...ports.stdout.text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option);
    expect((await answer(`msvc ${name} -`)).words.sort()).toEqual(shown.sort());
  });

  test.each([
    ['the values of a choice', 'msvc check-cluster --fail-on ', ['fail', 'warn', 'never']],
    ['… behind an equals sign', 'msvc check-cluster --fail-on=w', ['--fail-on=warn']],
    ['what is still missing in a list', 'msvc new x --with redis,au', ['redis,auth']],
    ['… and never twice', 'msvc new x --with redis,red', []],
    ['the answers to a question', 'msvc new x --delivery f', ['flux']],
    ['nothing that was given and counts once', 'msvc update --yes --y', []],
    ['what may be given again', 'msvc check-cluster -o json=x --out', ['--output']],
    ['the formats', 'msvc check-cluster -o m', ['markdown']],
    ['a check behind another option', 'msvc check-cluster -A --only health', ['health-checks']],
    ['a reason', 'msvc explain NO_PRO', ['NO_PROBES']],
    ['what can be removed', 'msvc remove cl', ['client']],
    ['what can be set', 'msvc set pack', ['package-manager']],
    ['options where no argument is left', 'msvc list ', ['--json', '--no-color', '--help']],
    ['nothing for a name', 'msvc add-client ', []],
    ['nothing behind two dashes', 'msvc new -- x ', []],
    ['nothing for a command that there is not', 'msvc nwe ', []],
    ['nothing for an option that there is not', 'msvc new --wth=', []],
    ['a file', 'msvc check-cluster --waivers ', [':files']],
    ['a folder', 'msvc check-cluster --from=', [':folders']],
    ['the other bin', '/usr/bin/create-microservice x --templ', ['--template']],
    ['a template of the other bin', 'create-microservice --template w', ['worker']],
  ])('%s', async (_, line, words) => {
    expect((await answer(line)).words).toEqual(words);
  });

  test('hidden features stay hidden', async () => {
    const hidden = manifests.filter(
      ({ id, instances, selectable }) =>
        !selectable && !instances && manifests.some((one) => one.requires.includes(id)),
    );
    expect(hidden.length).toBeGreaterThan(0);
    for (const line of ['msvc new x --with ', 'msvc add-feature ', 'create-microservice x --with ']) {
      const { words } = await answer(line);
      expect(words).toContain('redis');
      for (const { id } of hidden) expect(words).not.toContain(id);
    }
  });

  test('contexts of the kubeconfig that the line names, or else the environment, and none that a shell would run', async () => {
    const file = await kubeconfig('http://127.0.0.1:1');
    expect((await answer('msvc check-cluster --context ', { KUBECONFIG: file })).words).toEqual([cluster, 'staging']);
    expect((await answer('msvc check-cluster --kubeconfig kubeconfig --context st')).words).toEqual(['staging']);
  });
});

describe('nothing, and no word about it', () => {
  test.each([
    ['there is no kubeconfig', async () => join(home, 'nowhere')],
    [
      'the kubeconfig is broken',
      async () => {
        await writeFile(join(home, 'broken'), '{');
        return join(home, 'broken');
      },
    ],
    ['the cluster is off', () => kubeconfig('http://127.0.0.1:1')],
    ['the credential command fails', () => kubeconfig('http://127.0.0.1:1', exec('exit 1'))],
  ])('%s', async (_, file) => {
    const { words, stderr } = await answer('msvc check-cluster -n x', { KUBECONFIG: await file() });
    expect({ words, stderr }).toEqual({ words: [], stderr: '' });
  });

  test('the cluster never answers', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { words, stderr } = await answer('msvc check-cluster -n ', {
      KUBECONFIG: await kubeconfig(`http://127.0.0.1:${port}`),
    });
    expect(words.filter((word) => word !== 'default')).toEqual([]);
    expect(stderr).toBe('');
  });

  test('the credential command never ends', async () => {
    // It ends with the test's folder.
    const user = exec(`while [ -d ${home} ]; do sleep 0.1; done`);
    const { words, stderr } = await answer('msvc check-cluster -n ', {
      KUBECONFIG: await kubeconfig('http://127.0.0.1:1', user),
    });
    expect({ words, stderr }).toEqual({ words: [], stderr: '' });
  });
});

const exec = (script: string): string =>
  `{ exec: { apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: sh, args: ["-c", "${script}"] } }`;

test('an unknown shell is told', async () => {
  const ports = testPorts();
  expect(await runCommandLine('msvc', ['completion', 'tcsh'], ports)).toBe(2);
  expect(ports.stderr.text).toContain('error UNKNOWN_SHELL');
});

const built = useBuiltPackage();
const missing = (shell: string): boolean => spawnSync(shell, ['-c', 'exit']).status !== 0;

/** Lines with the key pressed at their end, and the word that stands there then. */
const presses: readonly (readonly [line: string, word: string])[] = [
  ['msvc check-cl', 'check-cluster'],
  ['msvc check-cluster --fail-on ne', 'never'],
  ['msvc check-cluster --fail-on=ne', '--fail-on=never'],
  ['msvc check-cluster --context a', cluster],
  ['msvc check-cluster --context arn:aws:e', cluster],
  ['msvc check-cluster --context=arn:aws:e', `--context=${cluster}`],
  ['msvc check-cluster --demo --waivers kube', 'kubeconfig'],
  ['msvc new shop --with redis,au', 'redis,auth'],
  ['create-microservice shop --templ', '--template'],
];

/** Starts the shell on a terminal, loads the completion and types. */
async function typed(command: string, load: string, line: string): Promise<string[]> {
  const file = await kubeconfig('http://127.0.0.1:1');
  const env = { PATH: built.path, HOME: home, KUBECONFIG: file };
  const terminal = new Terminal(command, { cwd: home, env, columns: 200 });
  onTestFinished(() => terminal.kill());
  terminal.press(`${load}; echo rea''dy\r`);
  await terminal.see('ready');
  // Tab; to the beginning of the line, a command that prints its words; to the end, a last word.
  terminal.press(`${line}\t`, '\x01', `printf '<%s>' `, '\x05', ' end\r');
  await terminal.see('<end>');
  const words = /(?:<[^<>]*>)+(?=<end>)/.exec(terminal.text)?.[0] ?? '';
  return words.slice(1, -1).split('><');
}

const terminals = [
  ['bash', 'bash --noprofile --norc -i', 'source <(msvc completion bash)'],
  ['zsh', 'zsh -f -i', 'bindkey -e; autoload -U compinit; compinit -u -D; source <(msvc completion zsh)'],
] as const;

for (const [shell, command, load] of terminals)
  describe.skipIf(!hasTerminal || missing(shell))(`${shell}, where there is one`, () => {
    test.each(presses)('%s', async (line, word) => {
      expect((await typed(command, load, line)).at(-1)).toBe(word);
    });
  });

describe.skipIf(missing('zsh'))('zsh, where there is one', () => {
  test('finds the script in a folder of functions', async () => {
    const script = `mkdir functions && msvc completion zsh > functions/_msvc && fpath=($PWD/functions $fpath) &&
      autoload -U compinit && compinit -u -D && print -r -- $_comps[msvc] $_comps[create-microservice]`;
    const { stdout } = spawnSync('zsh', ['-f', '-c', script], {
      cwd: home,
      env: { PATH: built.path },
      encoding: 'utf8',
    });
    expect(stdout).toBe('_msvc _msvc\n');
  });
});

describe.skipIf(missing('fish'))('fish, where there is one', () => {
  test.each(presses)('%s', async (line, word) => {
    const env = { PATH: built.path, HOME: home, KUBECONFIG: await kubeconfig('http://127.0.0.1:1') };
    const script = `msvc completion fish | source; complete -C '${line}'`;
    const { stdout } = spawnSync('fish', ['--no-config', '-c', script], { cwd: home, env, encoding: 'utf8' });
    expect(stdout.split('\n').map((one) => one.split('\t')[0])).toContain(word);
  });
});
