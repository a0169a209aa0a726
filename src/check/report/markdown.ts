import { harmlessLine } from '../../harmless.ts';
import type { CheckResult, CheckRun, Evidence, Status } from '../contract.ts';
import { changesOf } from './changes.ts';
import { assumed, notLookedAt, notShown } from './environment.ts';
import { type Group, groupsOf, idleOf, isFilledInLater, namer, notesOf, seen, told } from './groups.ts';
import { matrixOf } from './matrix.ts';
import { oneLine } from './one-line.ts';
import {
  dateOf,
  elsewhereOf,
  failedLines,
  howItCounts,
  isUnrendered,
  onlyInACluster,
  shortSummary,
  unknownInFolder,
  whyNoScore,
} from './sum.ts';

const signs: Readonly<Record<Status, string>> = { pass: '✅', warn: '⚠️', fail: '❌', unknown: '❔', 'n-a': '–' };

/** Text from outside as text: no markup, no links that nobody wrote, no mention of anybody. */
export const plain = (text: string): string =>
  oneLine(text)
    .replace(/&/g, '&amp;')
    .replace(/[\\`*_{}[\]<>#|~!]/g, '\\$&')
    .replace(/@/g, '&#64;')
    .replace(/:\/\//g, ':&#47;/')
    .replace(/www\./gi, (word) => `${word.slice(0, 3)}&#46;`);

/** Text from outside in a code span, which nothing in it can leave. */
const code = (text: string): string => `\`${oneLine(text).replace(/`/g, 'ˋ').replace(/\|/g, '\\|') || ' '}\``;

/** A piece of YAML, which nothing in it can leave. */
const pasted = (patch: string | undefined): string[] =>
  patch === undefined
    ? []
    : [
        '',
        '    ```yaml',
        ...patch.split('\n').map((line) => `    ${harmlessLine(line).replace(/`/g, 'ˋ')}`),
        '    ```',
        '',
      ];

const proof = ({ object, path, value, file, line }: Evidence): string =>
  `${code(`${object}${path ? ` ${path}` : ''}${value ? ` = ${value}` : ''}`)}${file ? ` ${code(`${file}:${line}`)}` : ''}`;

/** What the sections need, told once. */
interface Page {
  run: CheckRun;
  /** What was found and not waived. */
  groups: readonly Group[];
  nameOf(result: CheckResult): string;
}

/** For pull requests and wikis (GitHub flavour). */
export function renderMarkdown(run: CheckRun): string {
  const page: Page = { run, groups: groupsOf(run, false), nameOf: namer(run) };
  const sections = Object.entries({
    'What to do first': todo(page),
    'Configured, and without effect': idleOf(run).map(
      ({ finding }) => `- ${plain(finding.message)}. ${plain(finding.fix)}`,
    ),
    'Worth knowing': inOneLine(notesOf(page.groups), page),
    ...unknowns(page),
    'Since the baseline': (run.changes ? changesOf(run.changes) : []).flatMap(({ title, lines }) => [
      `- ${title}`,
      ...lines.map((line) => `  - ${plain(line)}`),
    ]),
    Waived: waived(page),
    'Waivers without effect': run.idleWaivers.map(
      ({ check, why, source, because }) =>
        `- ${plain(source)}: ${plain(check)}${why ? ` (${plain(why)})` : ''} ${plain(because)}`,
    ),
    'Not judged': run.notJudged.map(
      ({ namespace, name, reason }) => `- ${plain(`${namespace ?? ''}/${name}`)}: ${plain(reason)}`,
    ),
    'Not looked at, as only the platform can answer': [notLookedAt(run)].filter(Boolean).map(plain),
    [`Not looked at (${run.notShown?.length ?? 0})`]: notShown(run).map((line) => `- ${plain(line)}`),
    'Could not be read': failedLines(run).map((line) => `- ${plain(line)}`),
  });
  const lines = sections.flatMap(([title, body]) => (body.length > 0 ? ['', `### ${title}`, '', ...body] : []));
  return `${[...head(run), ...matrix(run), ...lines].join('\n')}\n`;
}

function head(run: CheckRun): string[] {
  const why = whyNoScore(run);
  const elsewhere = elsewhereOf(run);
  return [
    `## msvc ${run.environment ? 'check' : 'check-cluster'}: ${plain(run.source.context)}`,
    '',
    ...assumed(run).map((sentence) => `${plain(sentence)}  `),
    `${[dateOf(run), `msvc ${run.tool}`, howItCounts].filter(Boolean).map(plain).join(' · ')}  `,
    ...shortSummary(run).map((line) => `${plain(line)}  `),
    ...(why ? [`No score: ${why}.  `] : []),
    ...(elsewhere ? [plain(elsewhere)] : []),
    '',
  ];
}

function matrix(run: CheckRun): string[] {
  const { blocks, namespaces } = matrixOf(run, Number.MAX_SAFE_INTEGER);
  return [
    ...blocks.flatMap(({ heads, rows }) => [
      `| service | ${heads.join(' | ')} |`,
      `|---|${heads.map(() => ':-:').join('|')}|`,
      ...rows.map(
        ({ namespace, name, cells }) =>
          `| ${plain(namespaces ? `${namespace}/${name.trim()}` : name)} | ${cells.map((status) => (status ? signs[status] : '')).join(' | ')} |`,
      ),
      '',
    ]),
    (['pass', 'warn', 'fail', 'unknown', 'n-a'] as const)
      .map((status) => `${signs[status]} ${status === 'n-a' ? 'does not apply' : status}`)
      .join(' · '),
  ];
}

/** Services named of one reason, and with them pieces of evidence. */
const mostNames = 8;

const todo = ({ groups, nameOf }: Page): string[] =>
  groups
    .filter(({ status }) => status === 'fail' || status === 'warn')
    .flatMap((group) => {
      const { check, reason, services, status, cases } = group;
      const first = cases[0]?.finding;
      const { messages, more } = told(group, nameOf, 3);
      const others = services.length > mostNames ? ` and ${services.length - mostNames} more` : '';
      return [
        `- ${signs[status === 'fail' ? 'fail' : 'warn']} **${check}** ${code(reason)}: ${services.slice(0, mostNames).map(plain).join(', ')}${others}`,
        ...messages.map((message) => `  - ${plain(message)}`),
        ...(more > 0 ? [`  - and ${more} more like ${messages.length > 1 ? 'these' : 'this'}`] : []),
        ...seen(group, mostNames).map((evidence) => `  - seen: ${proof(evidence)}`),
        ...(first?.fix ? [`  - fix: ${plain(first.fix)}`] : []),
        ...pasted(first?.patch),
      ];
    });

const inOneLine = (groups: readonly Group[], { nameOf }: Page): string[] =>
  groups.map(
    (group) => `- **${group.check}** (${group.services.length}): ${plain(told(group, nameOf, 1).messages[0] ?? '')}`,
  );

function unknowns(page: Page): Record<string, string[]> {
  const groups = page.groups.filter(({ status }) => status === 'unknown');
  if (!isUnrendered(page.run)) return { 'What nobody could know from here': inOneLine(groups, page) };
  return {
    'What a folder cannot tell': [plain(`${unknownInFolder(page.run)}. ${onlyInACluster}`)],
    'What is filled in later': inOneLine(groups.filter(isFilledInLater), page),
  };
}

const waived = ({ run }: Page): string[] =>
  groupsOf(run, true).flatMap(({ cases }) =>
    cases.map(
      ({ result, finding }) =>
        `- ${plain(`${result.subject.namespace}/${result.subject.name}`)} ${result.check} ${code(finding.reason)}: ${plain(finding.waived?.why ?? '')} (${plain(finding.waived?.source ?? '')})`,
    ),
  );
