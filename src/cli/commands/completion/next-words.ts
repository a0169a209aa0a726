import type { Ports } from '../../../ports.ts';
import type { ArgumentSpec, Command, Flags, OptionSpec } from '../../command.ts';
import { longTerm } from '../../command-line/option-term.ts';
import type { Program } from '../../command-line/program.ts';

/** One word that can stand next, and what it means. */
export interface Offer {
  word: string;
  summary?: string;
}

/** What can stand at the end of a line: these words, or whatever paths the shell finds. */
export type Next = readonly Offer[] | 'files' | 'folders';

const common: readonly Offer[] = [
  { word: '--no-color', summary: 'Plain text' },
  { word: '--help', summary: 'Show this help' },
];

/**
 * What can stand next in a line that somebody types.
 *
 * @param typed the words behind the program's name; the last is the one that is being typed, and may be empty
 * @throws whatever a look around throws: a broken kubeconfig, for example
 */
export async function nextWords(program: Program, typed: readonly string[], ports: Ports): Promise<Next> {
  const current = typed.at(-1) ?? '';
  const before = typed.slice(0, -1);
  const all = await candidates(program, before, current, ports);
  return typeof all === 'string' ? all : all.filter(({ word }) => word.startsWith(current));
}

async function candidates(program: Program, before: readonly string[], current: string, ports: Ports): Promise<Next> {
  if (program.only) return nextOf(program.only, before, current, ports);
  const [name, ...rest] = before.filter((word, index) => index > 0 || word !== '--no-color');
  const names = program.commands.map(({ name: word, summary }) => ({ word, summary }));
  if (name === undefined)
    return current.startsWith('-') ? [...common, { word: '--version', summary: 'Show the version' }] : names;
  if (name === 'help') return rest.length === 0 ? names : [];
  const command = program.commands.find((one) => one.name === name);
  return command ? nextOf(command, rest, current, ports) : [];
}

async function nextOf(command: Command, before: readonly string[], current: string, ports: Ports): Promise<Next> {
  const line = readLine(command, before);
  if (line.open) return valuesOf(line.open[1], current, '', line, ports);
  const isOption = current.startsWith('-') && !line.onlyArguments;
  const equals = current.indexOf('=') + 1;
  if (isOption && equals > 0) {
    const option = optionOf(command, current.slice(0, equals - 1))?.[1];
    return option ? valuesOf(option, current.slice(equals), current.slice(0, equals), line, ports) : [];
  }
  const specs = Object.values(command.arguments);
  const argument = specs[line.positional.length] ?? specs.findLast(({ many }) => many);
  if (argument && !isOption) return valuesOf(argument, current, '', line, ports);
  return line.onlyArguments ? [] : optionsOf(command, line);
}

interface Line {
  /** As far as they were typed, for what depends on another: the namespaces of a context. */
  flags: Record<string, Flags[string]>;
  positional: string[];
  /** The option of which only the value is missing. */
  open?: [name: string, option: OptionSpec] | undefined;
  /** After `--`. */
  onlyArguments: boolean;
}

function readLine(command: Command, words: readonly string[]): Line {
  const line: Line = { flags: {}, positional: [], onlyArguments: false };
  for (const word of words) {
    if (line.open) {
      line.flags[line.open[0]] = word;
      line.open = undefined;
    } else if (line.onlyArguments || !/^-./.test(word)) line.positional.push(word);
    else if (word === '--') line.onlyArguments = true;
    else {
      const equals = word.indexOf('=');
      const found = optionOf(command, equals < 0 ? word : word.slice(0, equals));
      if (!found) continue;
      const [name, option] = found;
      if (equals < 0 && 'value' in option && !option.optional) line.open = found;
      else line.flags[name] = equals < 0 ? true : word.slice(equals + 1);
    }
  }
  return line;
}

const optionOf = ({ options }: Command, term: string): [string, OptionSpec] | undefined =>
  Object.entries(options).find(
    ([name, option]) => longTerm(name, option) === term || (option.short && `-${option.short}` === term),
  );

/** Those that were not given yet, or may be given again. */
const optionsOf = ({ options }: Command, { flags }: Line): Offer[] => [
  ...Object.entries(options)
    .filter(([name, option]) => !(name in flags) || 'list' in option || 'repeat' in option)
    .map(([name, option]) => ({ word: longTerm(name, option), summary: option.summary })),
  ...common,
];

async function valuesOf(
  spec: OptionSpec | ArgumentSpec,
  current: string,
  prefix: string,
  { flags }: Line,
  ports: Ports,
): Promise<Next> {
  const offers = ('choices' in spec && spec.choices) || ('offers' in spec && spec.offers) || [];
  if (typeof offers === 'string') return offers;
  const words = typeof offers === 'function' ? await offers(flags, ports) : offers;
  // Of a list, what stands before the last comma stays.
  const done = 'list' in spec ? current.slice(0, current.lastIndexOf(',') + 1) : '';
  const taken = new Set(done.split(','));
  return words.filter((word) => !taken.has(word)).map((word) => ({ word: prefix + done + word }));
}
