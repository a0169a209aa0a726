import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/command-line/parse.ts';
import { commands, newCommand } from '../../src/cli/commands/index.ts';
import { everything, makeService } from '../generated/support/make-service.ts';
import { shown } from '../system/tour.ts';
import { useBuiltPackage } from './support/built-package.ts';
import {
  asksCluster,
  type Documented,
  helpExamples,
  inlineCommands,
  ownReadmes,
  pagesOf,
  shellLines,
} from './support/documented-commands.ts';

/** What a line needs before it, and how it ends where that is not 0. */
interface Special {
  before?: readonly string[];
  exits?: number;
}

const twoBranches = [
  'git checkout -q -b one && msvc add-client one --no-install && git add -A && git commit -qm one',
  'git checkout -q main && git checkout -q -b two && msvc add-client two --no-install && git add -A && git commit -qm two',
  '! git merge one',
];

// Its first document says what a fixture read, and is no object.
const copyOfDemo = `cp ${join(import.meta.dirname, '../check/systems/demo.yaml')} it.yaml`;

const demoReport = (name: string) => `msvc check-cluster --demo --fail-on never -o json=${name}.json`;

const special: Readonly<Record<string, Special>> = {
  'msvc add-client payments --openapi ../payments/contracts/openapi.json': {
    before: ['mkdir -p ../payments/contracts && cp contracts/openapi.json ../payments/contracts/'],
  },
  'msvc remove client payments': { before: ['msvc add-client payments --no-install'] },
  'msvc remove feature redis --dry-run': { before: ['msvc add-feature redis --no-install'] },
  'msvc resolve': { before: twoBranches },
  'msvc resolve --dry-run --diff': { before: twoBranches },
  'msvc check-cluster --demo': { exits: 1 },
  'msvc check-cluster --from - < rendered.yaml': {
    before: [`cp ${join(import.meta.dirname, '../check/systems/demo.yaml')} rendered.yaml`],
    exits: 1,
  },
  'msvc check': { before: [copyOfDemo], exits: 1 },
  'msvc check deploy --with ./snapshot': {
    before: [
      `mkdir deploy && ${copyOfDemo} && cp it.yaml deploy && msvc check-cluster --from deploy --record snapshot --fail-on never`,
    ],
    exits: 1,
  },
  'msvc check -o github -o markdown=report.md': { before: [copyOfDemo], exits: 1 },
  'msvc diff monday.json friday.json': { before: ['monday', 'friday'].map(demoReport) },
  'msvc diff main.json branch.json -o markdown --fail-on warn': { before: ['main', 'branch'].map(demoReport) },
  'msvc completion fish > ~/.config/fish/completions/msvc.fish': { before: ['mkdir -p ~/.config/fish/completions'] },
};

/** What no test runs, with the reason; our own command lines among them are read by our own parser all the same. */
const notRun: Readonly<Record<string, string>> = {
  'msvc check charts/shop --values production.yaml': 'needs helm',
  'msvc new': 'asks on a terminal, as the tests of the questions do',
  'create-microservice': 'asks on a terminal, as the tests of the questions do',
  'npm ci && npm link': 'changes what is installed for the whole machine; the packed package is installed by a test',
  'npm ci && npm test': 'is what runs this test',
  'npm install --global create-microservice': 'is not on the registry; the packed package is installed by a test',
  'npx create-microservice': 'is not on the registry; both bins are run from the packed package',
  'npx msvc': 'is the bin of the clone, which needs its build',
  'npm link': 'changes what is installed for the whole machine',
  'kubectl apply --server-side -k .': 'needs a cluster with the Gateway API',
  'kubectl msvc': 'kubectl-plugin.test.ts runs it',
  'npm ci && npm run build': 'a test that installs the checkout anew would take its own modules away',
  'kubectl apply --server-side -k monitoring': 'needs a cluster with the Prometheus operator',
  'kubectl apply --server-side -n apps-staging -k deploy/overlays/staging': 'needs images that somebody pushed',
  'kubectl -n apps-staging create secret generic order-service-secrets --from-literal=NAME=value': 'needs a cluster',
  'kubectl -n observability port-forward service/store 3000': 'needs pods that run',
  'kubectl label namespace envoy-gateway-system msvc.dev/may-call=services': 'needs a gateway that is installed',
  'helm install eg oci://docker.io/envoyproxy/gateway-helm -n envoy-gateway-system --create-namespace':
    'fetches from a registry of images',
  'node dist/migrate-command.js': 'runs in the image',
  'node dist/sagas-command.js': 'runs in the image',
};

/** Run by the tests of that system, one after another. */
const isOfTheTour = ({ line }: Documented): boolean => shown.includes(line);

const isOurs = ({ line }: Documented): boolean => /^(msvc|create-microservice)\b/.test(line);
const built = useBuiltPackage();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'msvc-examples-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sh = (line: string, cwd: string) => {
  const who = {
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b.example',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b.example',
  };
  const env = { PATH: built.path, HOME: cwd, GIT_CONFIG_NOSYSTEM: '1', ...who };
  return spawnSync('sh', ['-c', line], { cwd, env, encoding: 'utf8' });
};

let service: { readme: string; scripts: Readonly<Record<string, string>> };
beforeAll(async () => {
  const made = await makeService(everything, mkdtempSync(join(folder, 'everything-')));
  const { scripts } = JSON.parse(readFileSync(join(made, 'package.json'), 'utf8'));
  service = {
    readme: pagesOf(made).replaceAll(everything.name, 'order-service'),
    scripts,
  };
  const { status, stderr } = sh('create-microservice order-service --yes --no-install', folder);
  expect(status, stderr).toBe(0);
});

/** Runs it where somebody would: in a service, or in an empty folder. */
function run(line: string) {
  const command = commands.find(({ name }) => name === line.split(' ')[1]);
  const cwd = join(mkdtempSync(join(folder, 'case-')), 'order-service');
  if (command?.group === 'Extend a service') cpSync(join(folder, 'order-service'), cwd, { recursive: true });
  else mkdirSync(cwd);
  for (const one of special[line]?.before ?? []) {
    const { status, stdout, stderr } = sh(one, cwd);
    expect(status, `${one}\n${stdout}${stderr}`).toBe(0);
  }
  const installs = 'install' in (command ?? newCommand).options;
  return sh(installs ? `${line} --no-install` : line, cwd);
}

const ownLines = Object.entries(ownReadmes).flatMap(([from, text]) => shellLines(text, from));
const runnable = [...helpExamples, ...ownLines]
  .filter((one) => isOurs(one) && !isOfTheTour(one))
  .filter(({ line }) => notRun[line] === undefined && !asksCluster(line));

/** How many files and services there are changes more often than what the line says. */
const counted = (text: string): string => text.replace(/\d+/g, '1');

describe('every example that can run does', () => {
  test.each(runnable.map((one) => [one.line, one] as const))('%s', (line, { output }) => {
    const { status, stdout, stderr } = run(line);
    expect(status, `${stdout}${stderr}`).toBe(special[line]?.exits ?? 0);
    expect(stderr).not.toContain('error ');
    // What is shown of its output is there, in that order. What an install says is left out here.
    const said = counted(stdout);
    let at = 0;
    for (const shown of output.filter((one) => !/^(…|$)|^(Installing d|D)ependencies/.test(one))) {
      const found = said.indexOf(`${counted(shown)}\n`, at);
      expect(found, `${shown}\nis not in\n${said.slice(at)}`).toBeGreaterThanOrEqual(at);
      at = found + 1;
    }
  });
});

const version = { bin: 'msvc', version: '', commands };
const plain = { columns: 80, heading: (text: string) => text, faint: (text: string) => text };

/** Throws where it is no command line of ours. What stands for a name is one; what is left out is cut off. */
function parse(line: string): void {
  const words = line
    .replace(/…$|,…|(?<= )…/g, '')
    .replace(/<[^>]*>/g, 'orders')
    .replace(/\s*[<>].*$/, '')
    .split(' ')
    .filter(Boolean);
  const [bin = '', ...argv] = words;
  parseCommandLine(bin === 'msvc' ? version : { ...version, bin, only: newCommand }, argv, plain);
}

describe('every other command that a README names', () => {
  const named = (): Documented[] => [
    ...ownLines,
    ...Object.entries(ownReadmes).flatMap(([from, text]) => inlineCommands(text, from)),
    ...shellLines(service.readme, 'a service’s README'),
    ...inlineCommands(service.readme, 'a service’s README'),
  ];

  test('is read by our own command line where it is ours', () => {
    for (const { line, from } of [...named(), ...helpExamples].filter(isOurs))
      expect(() => parse(line), `${from}: ${line}`).not.toThrow();
  });

  test('is a script of the package where it is one, or is listed with the reason why no test runs it', () => {
    const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
    const unknown = named()
      .filter((one) => !isOurs(one) && !isOfTheTour(one) && notRun[one.line] === undefined)
      // Requests of a service's README are sent by the tests of a service that runs.
      .filter(({ line, from }) => !(from === 'a service’s README' && line.startsWith('curl ')))
      .filter(({ line, from }) => {
        const script = /^(?:npm|pnpm)(?: run)? ([\w:-]+)/.exec(line)?.[1];
        // Those of a service are run in one that is installed.
        return (
          script === undefined || (from === 'a service’s README' ? service.scripts : scripts)[script] === undefined
        );
      });
    expect(unknown.map(({ line, from }) => `${from}: ${line}`)).toEqual([]);
  });

  test('and nothing is listed that nobody names any more', () => {
    const lines = new Set([...named(), ...helpExamples].map(({ line }) => line));
    expect([...Object.keys(notRun), ...Object.keys(special)].filter((line) => !lines.has(line))).toEqual([]);
  });
});
