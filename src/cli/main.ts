import packageJson from '../../package.json' with { type: 'json' };
import type { ExitCode } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { explainRefusal } from '../system-error.ts';
import type { CommandResult } from './command.ts';
import { calledAs, commandsAs } from './command-line/called-as.ts';
import type { HelpStyle } from './command-line/help.ts';
import { refuseFlagsKeptByNpm } from './command-line/kept-by-npm.ts';
import { parseCommandLine } from './command-line/parse.ts';
import { errorJson, errorText, exitCodeOf, isInterruption, isQuestionLeft } from './command-line/report-error.ts';
import { commands, newCommand } from './commands/index.ts';
import { inChunks } from './ports/in-chunks.ts';
import { painter } from './ports/paint.ts';
import { processPorts } from './ports/process-ports.ts';

export type Bin = 'msvc' | 'create-microservice' | 'kubectl-msvc';

/** Runs one command line in this process, and ends it. */
export async function main(bin: Bin): Promise<void> {
  const argv = process.argv.slice(2);
  const exitCode = await runHere(bin, argv);
  // Ends even where a library left a socket or timer open, but only when what was written has arrived.
  await Promise.all([process.stdout, process.stderr].map(flushed));
  process.exit(exitCode);
}

async function runHere(bin: Bin, argv: readonly string[]): Promise<ExitCode> {
  let ports: Ports;
  try {
    ports = processPorts(argv);
  } catch (thrown) {
    const error = explainRefusal(thrown, '.');
    process.stderr.write(errorText(error));
    return exitCodeOf(error);
  }
  const called = nameOf(bin, ports);
  // What makes a service has one command alone, and the others are still msvc's.
  const typed = commandsAs(
    bin === 'create-microservice' ? 'msvc' : called,
    commands.map(({ name }) => name),
  );
  const stderr = { ...ports.stderr, write: (text: string) => ports.stderr.write(typed(text)) };
  return runCommandLine(bin, argv, { ...ports, stderr }, called);
}

/** kubectl finds a plugin by its own name, and people type two words. */
function nameOf(bin: Bin, { env, cwd }: Ports): string {
  if (bin === 'kubectl-msvc') return 'kubectl msvc';
  return bin === 'msvc' ? calledAs({ env, program: process.argv[1] ?? '', cwd }) : bin;
}

/** The whole command line as a function: text goes to the ports, the exit code comes back. */
export async function runCommandLine(
  bin: Bin,
  argv: readonly string[],
  ports: Ports,
  called: string = bin,
): Promise<ExitCode> {
  let wantsJson = argv.includes('--json');
  try {
    const program = {
      bin: called,
      version: packageJson.version,
      commands,
      ...(bin === 'create-microservice' ? { only: newCommand } : {}),
    };
    if (bin === 'create-microservice') refuseFlagsKeptByNpm(newCommand, argv, ports.env);
    const invocation = parseCommandLine(program, argv, helpStyle(ports));
    if (invocation.kind === 'print') {
      ports.stdout.write(invocation.output);
      return 0;
    }
    const { command, flags } = invocation;
    wantsJson ||= command.wantsJson?.(flags) ?? false;
    const result: CommandResult = await command.run(flags, ports);
    const { output } = result;
    for (const text of typeof output === 'string' ? [output] : inChunks(output)) ports.stdout.write(text);
    return result.exitCode;
  } catch (thrown) {
    if (isInterruption(thrown, ports.signal)) {
      // Questions come before anything is written; whatever is stopped later says itself how far it came.
      if (isQuestionLeft(thrown)) ports.stderr.write('\nStopped: nothing was written.\n');
      return 130;
    }
    const error = explainRefusal(thrown, ports.cwd);
    if (wantsJson) ports.stdout.write(errorJson(error));
    ports.stderr.write(errorText(error));
    return exitCodeOf(error);
  }
}

function helpStyle({ stdout }: Ports): HelpStyle {
  const paint = painter(stdout);
  return {
    columns: stdout.columns,
    heading: (text) => paint('bold', text),
    faint: (text) => paint('dim', text),
  };
}

const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (!stream.writable) resolve();
    else stream.write('', () => resolve());
  });
