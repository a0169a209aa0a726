import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

/** `script` gives a command a real pseudo-terminal; its arguments differ between util-linux and BSD. */
const scriptArguments = (command: string): string[] =>
  process.platform === 'darwin' ? ['-q', '/dev/null', 'sh', '-c', command] : ['-qefc', command, '/dev/null'];

export const hasTerminal = process.platform !== 'win32' && spawnSync('sh', ['-c', 'command -v script']).status === 0;

export const keys = { enter: '\r', down: '\x1b[B', space: ' ', ctrlC: '\x03' } as const;

// CSI sequences (colours, cursor) and OSC sequences (titles), ECMA-48.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const escapes = /\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07/g;

/** A program on a real pseudo-terminal: what it showed, without escapes, and a keyboard. */
export class Terminal {
  readonly #child: ChildProcess;
  #raw = '';
  #seen = 0;
  #ended = false;
  #wake: () => void = () => {};
  /** Exit code of the program; a signal's is 128 + its number. */
  readonly exit: Promise<number>;

  constructor(command: string, options: { cwd: string; env: Record<string, string>; columns?: number }) {
    const line = `stty cols ${options.columns ?? 80} rows 40; exec ${command}`;
    this.#child = spawn('script', scriptArguments(line), {
      cwd: options.cwd,
      env: { TERM: 'xterm-256color', SHELL: '/bin/sh', ...options.env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#raw += text;
      this.#wake();
    });
    this.exit = new Promise((resolve, reject) => {
      this.#child.on('error', reject).on('close', (code) => {
        this.#ended = true;
        this.#wake();
        resolve(code ?? -1);
      });
    });
  }

  /** Everything that was ever written, escapes included. */
  get raw(): string {
    return this.#raw;
  }

  get text(): string {
    return this.#raw.replace(escapes, '').replaceAll('\r\n', '\n');
  }

  /** Waits until new output has this, and leaves the reading position behind it. */
  async see(wanted: string): Promise<void> {
    for (;;) {
      const found = this.text.indexOf(wanted, this.#seen);
      if (found >= 0) {
        this.#seen = found + wanted.length;
        return;
      }
      if (this.#ended) throw new Error(`the program ended before it showed "${wanted}":\n${this.text}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  press(...input: string[]): void {
    for (const text of input) this.#child.stdin?.write(text);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
