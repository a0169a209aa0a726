import { isShell, type ShellWord, takesScript } from './script.ts';

/** Programs that end well whatever the state of the app is: what they say is about processes, names and settings. */
export const silent: ReadonlySet<string> = new Set([
  'true', ':', 'exit', 'return', 'echo', 'printf', 'sleep', 'ls', 'ps', 'pgrep', 'pidof', 'kill', 'id', 'whoami', 'hostname',
  'uname', 'printenv', 'pwd', 'tty', 'which', 'type', 'hash', 'mkdir', 'touch', 'rm', 'cp', 'mv', 'set', 'export', 'local',
  'declare', 'readonly', 'unset', 'shift', 'trap', 'umask', 'ulimit', 'wait', 'cd', 'break', 'continue', 'read', 'date',
]); // biome-ignore format: a word list

/** Programs that look at files: an app that hangs leaves what it has written. */
export const readers: ReadonlySet<string> = new Set([
  'cat', 'stat', 'head', 'tail', 'grep', 'egrep', 'fgrep', 'wc', 'find', 'file', 'readlink', 'realpath', 'less', 'more',
  'md5sum', 'sha1sum', 'sha256sum', 'cksum', 'cmp', 'diff', 'od', 'tac', 'awk', 'gawk', 'mawk', 'sed', 'jq', 'yq', 'cut', 'tr',
  'sort', 'uniq', 'tee', 'xxd', 'base64', 'strings', 'source', '.',
]); // biome-ignore format: a word list

/** Those of them that end well whatever they read from a pipe. */
export const passesOn: ReadonlySet<string> = new Set([
  'cat', 'head', 'tail', 'wc', 'less', 'more', 'md5sum', 'sha1sum', 'sha256sum', 'cksum', 'od', 'tac', 'cut', 'tr', 'sort',
  'uniq', 'tee', 'xxd', 'strings',
]); // biome-ignore format: a word list

/** Programs that compare and calculate: they prove what their operands prove. */
export const comparisons: ReadonlySet<string> = new Set(['test', '[', '[[', '((', 'expr', 'let', 'bc', 'dc', 'seq']);

/** Programs that see whether a port is open, which a hung app's still is. */
export const portLookers: ReadonlySet<string> = new Set(['ss', 'netstat', 'lsof', 'fuser', 'telnet', 'portcheck']);

/** Programs that run what follows them, with the options of theirs that take a value and how many words come between. */
export const wrappers: ReadonlyMap<string, { valued?: RegExp; words?: number }> = new Map([
  ['timeout', { valued: /^-[ks]$|^--(signal|kill-after)$/, words: 1 }],
  ['nice', { valued: /^-n$/ }],
  ['ionice', { valued: /^-[cnp]$/ }],
  ['nohup', {}],
  ['stdbuf', { valued: /^-[ioe]$/ }],
  ['setsid', {}],
  ['time', {}],
  ['sudo', { valued: /^-[ugh]$/ }],
  ['doas', { valued: /^-[uC]$/ }],
  ['gosu', { words: 1 }],
  ['su-exec', { words: 1 }],
  ['chroot', { words: 1 }],
  ['flock', { valued: /^-[wE]$/, words: 1 }],
  ['env', { valued: /^-[uS]$/ }],
  ['exec', {}],
  ['command', {}],
  ['builtin', {}],
  ['eval', {}],
  ['busybox', {}],
  ['tini', {}],
  ['dumb-init', {}],
  ['xargs', { valued: /^-[IiLnPdEs]$/ }],
]);

/** Files that are there, and say the same, whatever the app does. */
export const isConstantFile = (path: string): boolean =>
  /^\/(proc|sys|dev(?!\/shm\/)|etc|bin|sbin|usr|lib|lib64|boot)(\/|$)|^\/((var\/)?run\/)?secrets\/|^\/$/.test(path);

const baseName = (path: string): string => path.split('/').at(-1) ?? '';

/** What a command runs, when the wrappers before it have done their part. */
export interface Program {
  /** Its name without a path; undefined where nothing is run. */
  program?: string;
  /** Where it stands among the words. */
  index: number;
  operands: readonly ShellWord[];
  /** Of a shell that is given one. */
  script?: string;
}

export function programOf(words: readonly ShellWord[]): Program {
  const index = afterWrappers(words);
  const [first, ...operands] = words.slice(index);
  if (!first) return { index, operands: [] };
  const program = baseName(first.text);
  const flag = isShell(program) ? operands.findIndex(({ text }) => takesScript(text)) : -1;
  return { program, index, operands, ...(flag < 0 ? {} : { script: operands[flag + 1]?.text ?? '' }) };
}

function afterWrappers(words: readonly ShellWord[]): number {
  let at = 0;
  for (;;) {
    const wrapper = wrappers.get(baseName(words[at]?.text ?? ''));
    if (!wrapper || at >= words.length) return at;
    let between = wrapper.words ?? 0;
    for (at++; at < words.length; at++) {
      const { text = '' } = words[at] ?? {};
      if (text.startsWith('-')) {
        if (wrapper.valued?.test(text)) at++;
      } else if (/^[A-Za-z_]\w*=/.test(text)) continue;
      else if (between > 0) between--;
      else break;
    }
  }
}
