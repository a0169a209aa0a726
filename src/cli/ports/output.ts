import type { Output } from '../../ports.ts';

/**
 * Whether colour is welcome: an option beats the environment (https://no-color.org, FORCE_COLOR), the environment beats
 * what the stream is.
 */
export function wantsColor(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
): boolean {
  if (argv.includes('--no-color')) return false;
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return isTerminal && env.TERM !== 'dumb';
}

export function streamOutput(stream: NodeJS.WriteStream, color: boolean): Output {
  return {
    write: (text) => {
      if (stream.writable) stream.write(text);
    },
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns || 80;
    },
    color,
  };
}
