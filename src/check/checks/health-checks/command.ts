import {
  comparisons,
  isConstantFile,
  passesOn,
  portLookers,
  programOf,
  readers,
  silent,
} from '../../shell/programs.ts';
import {
  type AndOrList,
  parseScript,
  type ShellCommand,
  type ShellScript,
  type ShellWord,
} from '../../shell/script.ts';

/**
 * What the success of a command proves. nothing: it succeeds whatever the app does · marker: a file is there, which the
 * app may or may not take away · port: something accepts connections · tests: the app answers, or did so lately.
 */
export type Worth = 'nothing' | 'marker' | 'port' | 'tests';

const order: readonly Worth[] = ['nothing', 'marker', 'port', 'tests'];
const best = (a: Worth, b: Worth): Worth => (order.indexOf(a) > order.indexOf(b) ? a : b);
const least = (a: Worth, b: Worth): Worth => (order.indexOf(a) < order.indexOf(b) ? a : b);

/** What the output or the operands of a command come from. */
type Sign = 'app' | 'clock' | 'file' | 'port';
type Signs = ReadonlySet<Sign>;
type Variables = Map<string, Signs>;

const none: Signs = new Set();
const union = (...all: readonly Signs[]): Signs => new Set(all.flatMap((signs) => [...signs]));

/** An age is compared where the time of a file, or in a file, meets the clock: it stands still when the app does. */
const worthOf = (signs: Signs): Worth => {
  if (signs.has('app') || (signs.has('clock') && signs.has('file'))) return 'tests';
  return signs.has('port') ? 'port' : signs.has('file') ? 'marker' : 'nothing';
};

/** Among the variables where a pipeline fails with any of its commands: no variable has such a name. */
const pipefail = '-o pipefail';

const clocks = new Set(['EPOCHSECONDS', 'EPOCHREALTIME']);
const plain = (text: string): ShellWord => ({ text, pieces: [], runs: [], names: [] });

/** Of a probe's command. Scripts that are more than this understands are taken for a real test. */
export function worthOfCommand(command: readonly string[]): Worth {
  const words = command.map(plain);
  return worthOf(signsOfCommand({ assigned: [], words, redirected: [] }, none, new Map(), true));
}

/** The programs that a command runs: all of it that a report may show, for arguments may hold passwords. */
export function programsOf(command: readonly string[]): string[] {
  const names: string[] = [];
  const visit = ({ words, assigned, redirected, group }: ShellCommand): void => {
    if (group) visitScript(group);
    const { program, script } = programOf(words);
    if (script !== undefined) {
      const parsed = parseScript(script)?.script;
      if (parsed) visitScript(parsed);
      else if (program) names.push(program);
    } else if (program && /^[A-Za-z[:][\w.+[-]{0,39}$/.test(program)) names.push(program);
    for (const word of [...words, ...assigned.map(({ value }) => value), ...redirected.map(({ file }) => file)])
      for (const run of word.runs) visitScript(run);
  };
  const visitScript = ({ lists }: ShellScript): void => {
    for (const list of lists) for (const { commands } of list) for (const command of commands) visit(command);
  };
  visit({ assigned: [], words: command.map(plain), redirected: [] });
  return [...new Set(names)];
}

function signsOfWord({ runs, names }: ShellWord, variables: Variables): Signs {
  return union(
    ...runs.map((run) => signsOfOutput(run, variables)),
    ...names.map((name) => (clocks.has(name) ? new Set<Sign>(['clock']) : (variables.get(name) ?? none))),
  );
}

/** What the output of a script comes from: of any command in it. */
function signsOfOutput({ lists }: ShellScript, variables: Variables): Signs {
  return union(...lists.flatMap((list) => list.map(({ commands }) => signsOfPipeline(commands, variables, false))));
}

function signsOfPipeline(commands: readonly ShellCommand[], variables: Variables, decides: boolean): Signs {
  return commands.reduce<Signs>(
    (input, command, index) => signsOfCommand(command, input, variables, decides && index === commands.length - 1),
    none,
  );
}

const file: Signs = new Set(['file']);
const port: Signs = new Set(['port']);
const app: Signs = new Set(['app']);
const time: Signs = new Set(['clock']);
const age: Signs = new Set(['clock', 'file']);

/** @param decides its exit status counts, not its output */
function signsOfCommand(command: ShellCommand, input: Signs, variables: Variables, decides: boolean): Signs {
  const { assigned, redirected, group } = command;
  for (const { name, value } of assigned) variables.set(name, signsOfWord(value, variables));
  const opened = redirected.map(({ reads, file: { text } }) =>
    /^\/dev\/(tcp|udp)\//.test(text) ? port : reads && text !== '' && !isConstantFile(text) ? file : none,
  );
  const stdin = union(input, ...opened);
  if (group) return decides ? signsOfWorth(worthOfScript(group, variables)) : signsOfOutput(group, variables);
  const { program, script, operands: rest } = programOf(command.words);
  if (program === undefined) {
    const values = assigned.map(({ name }) => variables.get(name) ?? none);
    return command.words.length > 0 ? stdin : union(...opened, ...values);
  }
  if (rest.some(({ text }) => text === 'pipefail') && (script !== undefined || program === 'set'))
    variables.set(pipefail, none);
  if (script !== undefined) return signsOfScript(script, decides, variables);
  const operands = union(...rest.map((word) => signsOfWord(word, variables)));
  if (program === 'read' || program === 'export' || program === 'local' || program === 'declare')
    return assign(rest, stdin, variables);
  if (silent.has(program))
    return isClock(program, rest)
      ? rest.some(({ text }) => text === '-r')
        ? file
        : time
      : decides
        ? union(...opened)
        : operands;
  if (comparisons.has(program)) return union(operands, stdin, tested(rest));
  if (portLookers.has(program) || isKnock(program, rest)) return port;
  if (readers.has(program)) {
    const endsWell = decides && passesOn.has(program) && !variables.has(pipefail);
    return union(endsWell ? union(...opened) : union(operands, stdin), looked(program, rest, decides));
  }
  const [only, more] = rest;
  if (only && !more && /^(-v|-V|--?version|version|--help|-h)$/.test(only.text)) return none;
  return app;
}

const signsOfWorth = (worth: Worth): Signs => ({ nothing: none, marker: file, port, tests: app })[worth];

function signsOfScript(source: string, decides: boolean, variables: Variables): Signs {
  const parsed = parseScript(source)?.script;
  if (!parsed) return app;
  return decides ? signsOfWorth(worthOfScript(parsed, variables)) : signsOfOutput(parsed, variables);
}

/** `read age < /tmp/beat`, `local now=$(date +%s)` */
function assign(words: readonly ShellWord[], input: Signs, variables: Variables): Signs {
  for (const word of words) {
    const name = /^[A-Za-z_]\w*/.exec(word.text)?.[0];
    if (name) variables.set(name, union(input, signsOfWord(word, variables)));
  }
  return none;
}

const isClock = (program: string, words: readonly ShellWord[]): boolean =>
  program === 'date' || (program === 'printf' && words.some(({ text }) => /%\(.*\)T/.test(text)));

/** A connection that is closed again. */
const isKnock = (program: string, words: readonly ShellWord[]): boolean =>
  /^(nc|ncat|netcat)(\.\w+)?$/.test(program) && words.some(({ text }) => /^-[a-y]*z/.test(text));

/** What a test of files proves: `-nt` compares times, the rest sees that they are there. */
function tested(words: readonly ShellWord[]): Signs {
  const signs = words.map(({ text }, index): Signs => {
    if (text === '-nt' || text === '-ot') return age;
    const operand = words[index + 1]?.text;
    return /^-[abcdefghLkpOGrsSuwxN]$/.test(text) && operand !== undefined && !isConstantFile(operand) ? file : none;
  });
  return union(...signs);
}

const ages = /^-([acm]min|[acm]time|newer\w*|used)$/;

/** A reader that is given no file of the app's reads what comes before it in the pipe. */
function looked(program: string, words: readonly ShellWord[], decides: boolean): Signs {
  if (program === 'find') {
    const places = words.filter(({ text, names }) => !text.startsWith('-') && (text.includes('/') || names.length > 0));
    if (places.length > 0 && places.every(({ text }) => text !== '' && isConstantFile(text))) return none;
    // It succeeds whether it finds something or not: the age counts where somebody looks at what it says.
    return !decides && words.some(({ text }) => ages.test(text)) ? age : file;
  }
  const paths = words.filter(({ text }) => /^[^-].*\//.test(text) || /^[\w.-]+\.[a-z]\w*$/.test(text));
  return paths.some(({ text }) => !isConstantFile(text)) || (paths.length === 0 && isVariableFile(words)) ? file : none;
}

const isVariableFile = (words: readonly ShellWord[]): boolean =>
  words.some(({ names, text }) => names.length > 0 && text === '');

/** Ends the script, or the list, without success: `|| exit 1`, `|| false`, `|| { …; exit 1; }`. */
function alwaysFails(commands: readonly ShellCommand[]): boolean {
  const last = commands.at(-1);
  if (last?.group) return alwaysFails(last.group.lists.at(-1)?.at(-1)?.commands ?? []);
  const [program, status] = last?.words.map(({ text }) => text) ?? [];
  return program === 'false' || ((program === 'exit' || program === 'return') && /^[1-9]\d*$/.test(status ?? ''));
}

/** What the exit status of a script proves. */
function worthOfScript({ lists, branches }: ShellScript, variables: Variables): Worth {
  const worths = lists.map((list) => worthOfList(list, variables));
  // Which of the commands decides depends on the others: the one that proves most is taken for it.
  if (branches) return worths.reduce(best, 'nothing');
  const strict = lists.some((list) => list.some(({ commands }) => /^set -\w*e/.test(textOf(commands.at(-1)))));
  const decides = lists.map(
    (list) => strict || list.some(({ operator, commands }) => operator === '||' && alwaysFails(commands)),
  );
  const last = lists.at(-1)?.at(-1)?.commands.at(-1);
  // `exit $?` and `exit` repeat what came before.
  const repeats = /^(exit|return)$/.test(textOf(last));
  return worths.filter((_, index) => decides[index] || repeats || index === lists.length - 1).reduce(best, 'nothing');
}

const textOf = (command: ShellCommand | undefined): string =>
  (command?.words ?? [])
    .map(({ text }) => text)
    .join(' ')
    .trim();

function worthOfList(list: AndOrList, variables: Variables): Worth {
  let worth: Worth = 'nothing';
  for (const { operator, commands } of list) {
    const own = worthOf(signsOfPipeline(commands, variables, true));
    if (operator === undefined) worth = own;
    else if (operator === '&&') worth = best(worth, own);
    // Success on either side: the side that proves less is what success proves.
    else if (!alwaysFails(commands)) worth = least(worth, own);
  }
  return worth;
}
