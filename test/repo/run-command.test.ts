import { expect, onTestFinished, test, vi } from 'vitest';
import { runCommand } from '../generated/support/run-command.ts';
import { serviceEnvironment } from '../generated/support/service-environment.ts';

const place = { cwd: import.meta.dirname, env: { PATH: process.env.PATH } };

test('a command that never ends is ended with what it started, and its last lines are told', async () => {
  // As a package manager does: a process that waits for one of its own, and heeds no request to end.
  const deaf = "process.on('SIGTERM',()=>{});setInterval(()=>{},1e6);console.log('waiting')";
  const wait = `node -e require('child_process').spawnSync('node',['-e',${JSON.stringify(deaf)}],{stdio:'inherit'})`;
  const { done } = runCommand(wait, { ...place, longestMs: 5_000 });
  // All who could still write are gone, or this would wait for them.
  await expect(done).rejects.toThrow(/was ended, unfinished:\nwaiting/);
});

test('an install on any Node knows whom this machine trusts, and nothing of the run around it', () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('NODE_EXTRA_CA_CERTS', '/etc/ours.pem');
  vi.stubEnv('NODE_OPTIONS', '--inspect');
  const env = serviceEnvironment('/bin');
  expect(env.NODE_EXTRA_CA_CERTS).toBe('/etc/ours.pem');
  expect(env).not.toHaveProperty('NODE_OPTIONS');
});
