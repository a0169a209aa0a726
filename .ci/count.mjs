// node count.mjs <vitest's JSON result> <exit code of the tests> <exit code of the checks>: prints the counts, and the
// reasons to fail before them.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [file, testsExit, checksExit] = process.argv.slice(2);
const text = readFileSync(file, 'utf8');
const files = text === '' ? [] : JSON.parse(text).testResults;
const tests = files.flatMap(({ name, assertionResults }) => assertionResults.map((test) => ({ ...test, file: name })));
const withStatus = (...statuses) => tests.filter(({ status }) => statuses.includes(status));

const passed = withStatus('passed').length;
// A file that could not even be loaded has no tests, and counts as one that failed.
const unloaded = files.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0);
const failures = withStatus('failed');
const failed = failures.length + unloaded.length;
const skipped = withStatus('skipped', 'pending', 'todo', 'disabled');

// Without Go nobody can build the control plane and the tools for gRPC, without a shell nobody can press its Tab key, and without a browser
// nobody can look at a page; everything else runs wherever CI runs.
const has = (program, ...args) => spawnSync(program, args).status === 0;
const excuses = [
  ...(has('go', 'version') ? [] : [({ file: path }) => path.endsWith('/grpc-tools.test.ts')]),
  ...(has('go', 'version') || process.env.KUBEBUILDER_ASSETS ? [] : [({ file: path }) => path.endsWith('.cluster.test.ts')]),
  ...['zsh', 'fish']
    .filter((shell) => !has(shell, '-c', 'exit'))
    .map((shell) => ({ fullName }) => fullName.startsWith(`${shell}, where there is one`)),
];
if (!['chromium', 'chromium-browser', 'google-chrome'].some((browser) => has(browser, '--version')))
  excuses.push(({ file: path }) => path.endsWith('.browser.test.ts'));
const inexcusable = skipped.filter((test) => !excuses.some((isExcuse) => isExcuse(test)));

// Told again at the very end: what the runner printed of them may be pages up, or cut off by the CI's own limit.
const reasons = [
  ...failures.map(({ file: path, fullName, failureMessages = [] }) => `failed: ${path}\n${fullName}\n${failureMessages.join('\n')}`),
  ...unloaded.map(({ name, message }) => `not loaded: ${name}\n${message}`),
  ...inexcusable.map(({ fullName }) => `skipped although this machine can run it: ${fullName}`),
  ...(passed + failed === 0 ? ['no test ran'] : []),
  ...(testsExit !== '0' && failed === 0 ? [`the tests ended with ${testsExit} although none failed`] : []),
];
for (const reason of reasons) console.error(reason);
console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exitCode = failed > 0 || reasons.length > 0 || checksExit !== '0' ? 1 : 0;
