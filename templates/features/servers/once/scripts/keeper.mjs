import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

/**
 * Runs a program for as long as its own standard input is open. That closes when the parent stops it and also when the
 * parent is killed: then the program and its data go. A program that ends by itself keeps its data, so that it can be
 * started again. Signals to the whole group (Ctrl-C, a closed terminal) reach the parent too, which ends this in its
 * turn: dying of them here would leave the program behind.
 */
const [folder, program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
process.stdout.on('error', () => {});
process.stdout.write(`${child.pid}\n`);
for (const output of [child.stdout, child.stderr]) output.pipe(process.stdout);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
let isOver = false;
process.stdin.resume().once('close', () => {
  isOver = true;
  // SIGKILL also ends a program that a test has frozen.
  child.kill('SIGKILL');
});
child.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
child.once('exit', () => {
  if (isOver) rmSync(folder, { recursive: true, force: true });
  process.exit();
});
