import { groupBy } from '../../multimap.ts';
import type { Command } from '../command.ts';
import { optionTerm } from './option-term.ts';
import type { Program } from './program.ts';
import { type Row, twoColumns } from './two-columns.ts';

/** How the help may look: its width in columns, and what makes a heading stand out. */
export interface HelpStyle {
  columns: number;
  heading(text: string): string;
  faint(text: string): string;
}

const common: readonly Row[] = [
  ['--no-color', 'Plain text'],
  ['-h, --help', 'Show this help'],
];

/** `msvc --help` */
export function listCommands(program: Program, style: HelpStyle): string {
  const groups = groupBy(program.commands, (command) => command.group);
  const term = (command: Command): string => [command.name, ...argumentTerms(command)].join(' ');
  const width = Math.max(...program.commands.map((command) => term(command).length));
  return blocks([
    `Usage: ${program.bin} <command> [options]`,
    ...[...groups].map(([group, commands]) =>
      section(
        group,
        commands.map((command) => [term(command), command.summary] as const),
        style,
        width,
      ),
    ),
    section('Options', [['-v, --version', 'Show the version'], ...common], style, width),
    style.faint(`${program.bin} <command> --help shows the options and examples of one command.`),
  ]);
}

/** `msvc add-client --help` */
export function formatHelp(command: Command, program: Program, style: HelpStyle): string {
  const words = program.only ? [program.bin] : [program.bin, command.name];
  const prefix = program.only ? program.bin : `${program.bin} ${command.name}`;
  const argumentRows = Object.entries(command.arguments).map(([name, { summary }]) => [name, summary] as const);
  const optionGroups = groupBy(Object.entries(command.options), ([, option]) => option.group ?? 'Options');
  const sections: [string, Row[]][] = [...optionGroups].map(([group, options]) => [
    group,
    options.map(([name, option]) => [optionTerm(name, option), describe(option)] as const),
  ]);
  const others: readonly Row[] = program.only ? [['-v, --version', 'Show the version'], ...common] : common;
  const last = sections.at(-1);
  if (last?.[0] === 'Options') last[1].push(...others);
  else sections.push([sections.length === 0 ? 'Options' : 'Other', [...others]]);
  const width = Math.max(...[...argumentRows, ...sections.flatMap(([, rows]) => rows)].map(([term]) => term.length));
  return blocks([
    `Usage: ${[...words, ...argumentTerms(command), '[options]'].join(' ')}`,
    `${command.summary}.`,
    section('Arguments', argumentRows, style, width),
    ...sections.map(([heading, rows]) => section(heading, rows, style, width)),
    examples(command, prefix, style),
  ]);
}

const describe = (option: Command['options'][string]): string =>
  'choices' in option && option.choices ? `${option.summary} (${option.choices.join(', ')})` : option.summary;

const argumentTerms = (command: Command): string[] =>
  Object.entries(command.arguments).map(([name, { required, many }]) => {
    const dots = many ? '...' : '';
    return required ? `<${name}${dots}>` : `[${name}${dots}]`;
  });

/** An example is written for `msvc`; the other bin leaves the command's name out. */
function examples(command: Command, prefix: string, style: HelpStyle): string {
  if (command.examples.length === 0) return '';
  const lines = command.examples.map(
    ([line, does]) => `  ${style.faint(`# ${does}`)}\n  ${line.replace(`msvc ${command.name}`, prefix)}`,
  );
  return [style.heading('Examples'), ...lines].join('\n');
}

function section(heading: string, rows: readonly Row[], style: HelpStyle, width: number): string {
  return rows.length === 0 ? '' : [style.heading(heading), ...twoColumns(rows, width, style.columns)].join('\n');
}

const blocks = (parts: readonly string[]): string => `${parts.filter((part) => part !== '').join('\n\n')}\n`;
