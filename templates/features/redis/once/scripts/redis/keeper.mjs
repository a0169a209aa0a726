import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

/**
 * Runs redis-server as long as its own standard input is open. That closes when the parent stops it and also when the
 * parent is killed, so no server is left behind. Signals to the whole group (Ctrl-C, a closed terminal) reach the parent
 * too, which ends this in its turn: dying of them here would leave the server behind.
 */
const [folder, ...args] = process.argv.slice(2);
const redis = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
process.stdout.on('error', () => {});
process.stdout.write(`${redis.pid}\n`);
redis.stdout.pipe(process.stdout);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
// SIGKILL also ends a server that a test has frozen, and there is nothing to save.
process.stdin.resume().once('close', () => redis.kill('SIGKILL'));
redis.once('exit', () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit();
});
