import { spawnSync } from 'node:child_process';

export interface Command {
  file: string;
  args: readonly string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** Wall time of one run in milliseconds; a command that fails ends the benchmark, since its time means nothing. */
export function timeCommand(command: Command): number {
  const started = process.hrtime.bigint();
  const result = spawnSync(command.file, command.args, {
    cwd: command.cwd,
    env: command.env ?? process.env,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 120_000,
  });
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
  if (result.status !== 0) {
    throw new Error(
      `${command.file} ${command.args.join(' ')} ended with ${result.status ?? result.signal}\n${result.stderr}`,
    );
  }
  return milliseconds;
}

/** Runs the commands in turn, A B C A B C …, so that drift of a shared machine meets all alike. Milliseconds, by command. */
export function timeInTurn(commands: readonly Command[], rounds: number): number[][] {
  for (const command of commands) timeCommand(command);
  const times: number[][] = commands.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    commands.forEach((command, index) => {
      times[index]?.push(timeCommand(command));
    });
  }
  return times;
}

/** Pair by pair: the ratio of two lists of times measured in the same rounds. */
export const ratios = (ours: readonly number[], theirs: readonly number[]): number[] =>
  ours.map((value, index) => value / (theirs[index] ?? Number.NaN));
