import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

/**
 * Runs nats-server for as long as its own standard input is open. That closes when the parent stops it and also when the
 * parent is killed: then the server and its data go. A server that ends by itself keeps its data, so that it can be
 * started again. Signals to the whole group (Ctrl-C, a closed terminal) reach the parent too, which ends this in its
 * turn: dying of them here would leave the server behind.
 */
const [folder, program, ...args] = process.argv.slice(2);
const server = spawn(program, args, { stdio: ['ignore', 'inherit', 'pipe'], detached: true });
process.stderr.on('error', () => {});
process.stdout.on('error', () => {});
process.stdout.write(`${server.pid}\n`);
server.stderr.pipe(process.stderr);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
let isOver = false;
process.stdin.resume().once('close', () => {
  isOver = true;
  // SIGKILL also ends a server that a test has frozen.
  server.kill('SIGKILL');
});
server.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
server.once('exit', () => {
  if (isOver) rmSync(folder, { recursive: true, force: true });
  process.exit();
});
