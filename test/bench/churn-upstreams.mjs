// Copied into the scripts/ of a generated service, beside what measures churn there: instances as processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Starts `node …args`; `first` is the line by which it says where it listens. */
export async function startUpstream(args, env = {}) {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const [first] = await once(createInterface(child.stdout), 'line');
  return { child, first };
}

export async function stopAll(upstreams) {
  for (const { child } of upstreams) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}
