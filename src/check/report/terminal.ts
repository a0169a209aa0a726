import { Chalk, type ChalkInstance } from 'chalk';
import { harmlessLine } from '../../harmless.ts';
import { commandsUnbroken, unbroken, widest, width, wrap } from '../../wrap.ts';
import type { CheckResult, CheckRun, Evidence, Finding, Status } from '../contract.ts';
import { changesOf } from './changes.ts';
import { assumed, notLookedAt, notShown } from './environment.ts';
import { type Group, groupsOf, idleOf, isFilledInLater, namer, notesOf, seen, told } from './groups.ts';
import { matrixOf } from './matrix.ts';
import { oneLine } from './one-line.ts';
import {
  dateOf,
  elsewhereOf,
  failedLines,
  failedReads,
  howItCounts,
  isFolder,
  isUnrendered,
  onlyInACluster,
  serviceNames,
  shortSummary,
  unknownInFolder,
  whyNoScore,
} from './sum.ts';

/** What the terminal can show. */
export interface TerminalOptions {
  columns: number;
  color: boolean;
}

const signs: Readonly<Record<Status, string>> = { pass: '✓', warn: '!', fail: '✗', unknown: '?', 'n-a': '·' };

/** Messages shown of one reason, and services named; the rest is in `-o json`. */
const cases = 3;
const mostNames = 6;

interface Page {
  run: CheckRun;
  /** What was found and not waived. */
  groups: readonly Group[];
  nameOf(result: CheckResult): string;
  chalk: ChalkInstance;
  /** Columns. */
  room: number;
}

/** The report for people: a matrix, what to do first, what nobody could know, what was left out, a summary. */
export function renderTerminal(run: CheckRun, { columns, color }: TerminalOptions): string {
  const page: Page = {
    run,
    groups: groupsOf(run, false),
    nameOf: namer(run),
    chalk: new Chalk({ level: color ? 1 : 0 }),
    room: Math.min(columns, widest),
  };
  return `${[
    header,
    assumptions,
    matrix,
    todo,
    dangling,
    notes,
    unknowns,
    open,
    hidden,
    waived,
    idleWaivers,
    leftOut,
    unreadLists,
    changes,
    summary,
  ]
    .map((section) => section(page))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const paint = (chalk: ChalkInstance, status: Status | Finding['status']): ChalkInstance =>
  ({
    pass: chalk.green,
    warn: chalk.yellow,
    fail: chalk.red,
    unknown: chalk.magenta,
    'n-a': chalk.dim,
    note: chalk.dim,
  })[status];

function header({ run, chalk, room }: Page): string[] {
  const { source } = run;
  const version = isFolder(run) ? '' : ` · Kubernetes ${oneLine(source.version)}`;
  const from = {
    cluster: 'cluster',
    recording: 'recording of',
    manifests: 'manifests in',
    repository: 'of the repository,',
  }[source.kind];
  const made = [dateOf(run), `msvc ${oneLine(run.tool)}`].filter((part) => part !== '').join(' · ');
  return [
    ...wrap(
      `${chalk.bold(run.environment ? 'msvc check' : 'msvc check-cluster')} · ${from} ${oneLine(source.context)}${version}`,
      room + (chalk.level ? 9 : 0),
    ),
    chalk.dim(made),
  ];
}

function assumptions({ run, chalk, room }: Page): string[] {
  return assumed(run)
    .flatMap((sentence) => wrap(oneLine(sentence), room, '  '))
    .map((line) => chalk.dim(line));
}

/** Cells that are in no count, because only a platform could fill them. */
function open({ run, chalk, room }: Page): string[] {
  const text = notLookedAt(run);
  return text === '' ? [] : [chalk.bold('Not looked at, as only the platform can answer'), ...wrap(text, room, '  ')];
}

/** Practices without a cell, because nothing shows them. */
function hidden({ run, chalk, room }: Page): string[] {
  const lines = notShown(run).flatMap((line) => wrap(oneLine(line), room, '  '));
  return lines.length === 0 ? [] : [chalk.bold(`Not looked at (${run.notShown?.length})`), ...lines];
}

function matrix({ run, chalk, room }: Page): string[] {
  const { blocks, nameWidth, namespaces } = matrixOf(run, room);
  const elsewhere = elsewhereOf(run);
  if ((blocks[0]?.rows ?? []).length === 0)
    return [chalk.yellow('No service was judged.'), ...(elsewhere ? wrap(oneLine(elsewhere), room) : [])];
  const centre = (sign: string, size: number): string => {
    const left = Math.floor((size - 1) / 2);
    return `${' '.repeat(left)}${sign}${' '.repeat(size - 1 - left)}`;
  };
  return [
    ...blocks.flatMap(({ heads, rows, gap }) => [
      `${' '.repeat(nameWidth)}  ${chalk.dim(heads.join(gap))}`,
      ...rows.flatMap(({ namespace, name, cells }, index) => {
        const painted = cells.map((status, column) => {
          const size = heads[column]?.length ?? 1;
          return status ? paint(chalk, status)(centre(signs[status], size)) : ' '.repeat(size);
        });
        const first = namespaces && rows[index - 1]?.namespace !== namespace;
        return [...(first ? [chalk.bold(namespace)] : []), `${name.padEnd(nameWidth)}  ${painted.join(gap)}`.trimEnd()];
      }),
      '',
    ]),
    (['pass', 'warn', 'fail', 'unknown', 'n-a'] as const)
      .map((status) => `${paint(chalk, status)(signs[status])} ${status === 'n-a' ? 'does not apply' : status}`)
      .join('   '),
  ];
}

const list = (services: readonly string[], limit = mostNames): string => {
  const shown = services.slice(0, limit).map(oneLine).join(', ');
  return services.length > limit ? `${shown} and ${services.length - limit} more` : shown;
};

const proof = ({ object, path, value, file, line }: Evidence): string =>
  oneLine(
    `${object}${path ? ` ${path}` : ''}${value !== undefined && value !== '' ? ` = ${value}` : ''}${file ? ` (${file}:${line})` : ''}`,
  );

function todo(page: Page): string[] {
  const groups = page.groups.filter(({ status }) => status === 'fail' || status === 'warn');
  if (groups.length === 0) return [];
  return [
    page.chalk.bold('What to do first'),
    ...groups.flatMap((group, index) => ['', ...groupLines(group, index + 1, page)]),
  ];
}

function groupLines(group: Group, number: number, { run, nameOf, chalk, room }: Page): string[] {
  const color = paint(chalk, group.status);
  const indent = '   ';
  const inner = room - indent.length;
  const tell = (label: string, text: string): string[] =>
    wrap(`${label} ${text}`, inner, ' '.repeat(label.length + 1)).map((line, index) =>
      index === 0 ? `${indent}${chalk.dim(label)}${line.slice(label.length)}` : indent + line,
    );
  const { messages, named, more } = told(group, nameOf, cases);
  const first = group.cases[0]?.finding;
  const head = `${String(number).padStart(2)} ${signs[group.status === 'note' ? 'n-a' : group.status]} ${group.check}`;
  const apart = width(head) + 1 + width(group.reason) > room;
  const lines = [`${color(head)}${apart ? `\n${indent}  ` : ' '}${chalk.dim(group.reason)}`];
  const everybody = group.services.length > mostNames && group.services.length === serviceNames(run).length;
  const who = everybody ? `all ${group.services.length} services` : list(group.services);
  lines.push(...wrap(who, inner).map((line) => indent + chalk.bold(line)));
  for (const message of messages)
    lines.push(...wrap(named ? oneLine(message) : sentence(message), inner).map((line) => indent + line));
  if (more > 0) lines.push(`${indent}and ${more} more like ${messages.length > 1 ? 'these' : 'this'}`);
  for (const evidence of seen(group, everybody ? cases : mostNames)) lines.push(...tell('seen:', proof(evidence)));
  if (first?.fix) lines.push(...tell('fix: ', commandsUnbroken(oneLine(first.fix))));
  lines.push(...pasted(first?.patch, inner).map((line) => indent + line));
  const commands = isFolder(run) ? [explain(group)] : lookCloser(group);
  const [command = '', ...others] = commands;
  // A command that is broken over two lines cannot be copied.
  if (width(`look: ${commands.join(' · ')}`) <= inner) lines.push(...tell('look:', commands.join(' · ')));
  else lines.push(...tell('look:', unbroken(command)), ...others.map((other) => `${indent}      ${other}`));
  return lines;
}

/** A piece of YAML as it is: one that would have to be broken could not be pasted. */
function pasted(patch: string | undefined, columns: number): string[] {
  const lines = (patch ?? '').split('\n').map((line) => `      ${harmlessLine(line)}`);
  return patch === undefined || lines.some((line) => width(line) > columns)
    ? []
    : ['yaml: to merge into its manifest, or for kubectl patch --patch-file', ...lines];
}

const sentence = (message: string): string => {
  const text = oneLine(message);
  const first = text.charAt(0);
  return `${first.toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
};

/** The commands that show the object of the first piece of evidence and explain the check. */
function lookCloser(group: Group): string[] {
  const object = group.cases[0]?.finding.evidence[0]?.object ?? '';
  const match =
    /^(Service|Deployment|StatefulSet|DaemonSet|Pod|ConfigMap|Ingress|HTTPRoute|DestinationRule|Application) ([a-z0-9.-]+)\/([a-z0-9.-]+)$/.exec(
      object,
    );
  const show = match ? [`kubectl get ${match[1]?.toLowerCase()} ${match[3]} -n ${match[2]} -o yaml`] : [];
  return [...show, explain(group)];
}

const explain = ({ check }: Group): string => `msvc explain ${check}`;

/** Lines shown of a section that may go on for pages. */
const longest = 12;

function dangling({ run, chalk, room }: Page): string[] {
  const all = idleOf(run);
  if (all.length === 0) return [];
  return [
    chalk.bold(`Configured, and without effect (${all.length})`),
    ...all
      .slice(0, longest)
      .flatMap(({ finding }) => [
        ...wrap(`${signs['n-a']} ${oneLine(finding.message)}`, room, '  '),
        ...wrap(`fix: ${commandsUnbroken(oneLine(finding.fix))}`, room - 2, '     ').map((line) =>
          chalk.dim(`  ${line}`),
        ),
      ]),
    ...(all.length > longest ? [`and ${all.length - longest} more; -o json lists all`] : []),
  ];
}

/** One line a group: which services, and the first of its messages. */
function lines(groups: readonly Group[], sign: string, { nameOf, room }: Page): string[][] {
  return groups.map((group) => {
    const services = group.services.length === 1 ? list(group.services) : `${group.services.length} services`;
    const { messages, more } = told(group, nameOf, 2);
    const text = `${oneLine(messages[0] ?? '')}${messages.length > 1 || more > 0 ? ', and the like' : ''}`;
    return wrap(`${sign} ${group.check} (${services}): ${text}`, room, '  ');
  });
}

function notes(page: Page): string[] {
  const groups = notesOf(page.groups);
  return groups.length === 0 ? [] : [page.chalk.bold('Worth knowing'), ...lines(groups, signs['n-a'], page).flat()];
}

function unknowns(page: Page): string[] {
  const { run, chalk, room } = page;
  const groups = page.groups.filter(({ status }) => status === 'unknown');
  if (groups.length === 0) return [];
  if (isUnrendered(run)) {
    const open = [...wrap(unknownInFolder(run), room, '  '), ...wrap(onlyInACluster, room)];
    return [chalk.bold('What a folder cannot tell'), ...open, ...later(groups.filter(isFilledInLater), page)];
  }
  return [
    chalk.bold('What nobody could know from here'),
    ...lines(groups, signs.unknown, page).flatMap((own) =>
      own.map((line, index) => (index === 0 ? `${paint(chalk, 'unknown')(line.slice(0, 1))}${line.slice(1)}` : line)),
    ),
  ];
}

const later = (groups: readonly Group[], page: Page): string[] =>
  groups.length === 0
    ? []
    : ['', page.chalk.bold('What is filled in later'), ...lines(groups, signs.unknown, page).flat()];

function waived({ run, chalk, room }: Page): string[] {
  const groups = groupsOf(run, true);
  const findings = groups.flatMap((group) => group.cases);
  if (findings.length === 0) return [];
  return [
    chalk.bold(`Waived (${findings.length})`),
    ...findings.flatMap(({ result, finding }) => {
      const { why = '', source = '', expires } = finding.waived ?? {};
      const until = expires ? `, until ${expires}` : '';
      return wrap(
        oneLine(
          `${result.subject.namespace}/${result.subject.name} ${result.check} ${finding.reason}: ${why} (${source}${until})`,
        ),
        room,
        '  ',
      );
    }),
  ];
}

function idleWaivers({ run, chalk, room }: Page): string[] {
  const { idleWaivers: idle } = run;
  if (idle.length === 0) return [];
  const lines = idle.map(({ check, why, source, because }) =>
    oneLine(`${source}: ${check}${why ? ` (${why})` : ''} ${because}`),
  );
  return [chalk.bold(`Waivers without effect (${idle.length})`), ...lines.flatMap((line) => wrap(line, room, '  '))];
}

function leftOut({ run: { notJudged }, chalk, room }: Page): string[] {
  if (notJudged.length === 0) return [];
  const reasons = new Map<string, string[]>();
  for (const { namespace, name, reason } of notJudged)
    reasons.set(reason, [...(reasons.get(reason) ?? []), namespace ? `${namespace}/${name}` : name]);
  return [
    chalk.bold(`Not judged (${notJudged.length})`),
    ...[...reasons].flatMap(([reason, names]) => wrap(`${list(names)}: ${oneLine(reason)}`, room, '  ')),
  ];
}

function unreadLists({ run, chalk, room }: Page): string[] {
  const failed = failedReads(run);
  if (failed.length === 0) return [];
  const all = failedLines(run);
  const shown = all.slice(0, longest).flatMap((line) => wrap(oneLine(line), room, '  '));
  return [
    chalk.bold(`Could not be read (${failed.length})`),
    ...shown,
    ...(all.length > longest ? [`and ${all.length - longest} more; -o json lists all`] : []),
    ...(isFolder(run)
      ? []
      : [
          'What is missing, and which checks need it: msvc check-cluster --can-i',
          'The least role that reads everything: msvc check-cluster --print-rbac',
        ]),
  ];
}

function changes({ run, chalk, room }: Page): string[] {
  if (!run.changes) return [];
  const blocks = changesOf(run.changes);
  if (blocks.length === 0) return [chalk.bold('Since the baseline'), 'Nothing changed.'];
  return [
    chalk.bold('Since the baseline'),
    ...blocks.flatMap(({ title, lines }) => [
      ...wrap(title, room, '  '),
      ...lines.flatMap((line) => wrap(`  ${oneLine(line)}`, room, '    ')),
    ]),
  ];
}

function summary({ run, chalk, room }: Page): string[] {
  const why = whyNoScore(run);
  const lines = shortSummary(run).flatMap((line) => wrap(oneLine(line), room, '  '));
  return [chalk.bold('Summary'), ...lines, ...(why ? wrap(`No score: ${why}.`, room) : []), howItCounts];
}
