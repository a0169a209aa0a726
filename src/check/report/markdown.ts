import { harmlessLine } from '../../harmless.ts';
import type { CheckRun, Evidence, Status } from '../contract.ts';
import { groupsOf, idleOf, namer, notesOf, seen, told } from './groups.ts';
import { matrixOf } from './matrix.ts';
import { oneLine } from './one-line.ts';
import {
  dateOf,
  elsewhereOf,
  failedLines,
  howItCounts,
  isFolder,
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

const proof = ({ object, path, value }: Evidence): string =>
  code(`${object}${path ? ` ${path}` : ''}${value ? ` = ${value}` : ''}`);

/** For pull requests and wikis (GitHub flavour). */
export function renderMarkdown(run: CheckRun): string {
  const { blocks, namespaces } = matrixOf(run, Number.MAX_SAFE_INTEGER);
  const groups = groupsOf(run, false);
  const nameOf = namer(run);
  const why = whyNoScore(run);
  const elsewhere = elsewhereOf(run);
  const lines = [
    `## msvc check-cluster: ${plain(run.source.context)}`,
    '',
    `${[dateOf(run), `msvc ${run.tool}`, howItCounts].filter(Boolean).map(plain).join(' · ')}  `,
    ...shortSummary(run).map((line) => `${plain(line)}  `),
    ...(why ? [`No score: ${why}.  `] : []),
    ...(elsewhere ? [plain(elsewhere)] : []),
    '',
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
  const section = (title: string, body: string[]): void => {
    if (body.length > 0) lines.push('', `### ${title}`, '', ...body);
  };
  section(
    'What to do first',
    groups
      .filter(({ status }) => status === 'fail' || status === 'warn')
      .flatMap((group) => {
        const first = group.cases[0]?.finding;
        const { messages, more } = told(group, nameOf, 3);
        return [
          `- ${signs[group.status === 'fail' ? 'fail' : 'warn']} **${group.check}** ${code(group.reason)}: ${group.services.slice(0, 8).map(plain).join(', ')}${group.services.length > 8 ? ` and ${group.services.length - 8} more` : ''}`,
          ...messages.map((message) => `  - ${plain(message)}`),
          ...(more > 0 ? [`  - and ${more} more like ${messages.length > 1 ? 'these' : 'this'}`] : []),
          ...seen(group, 8).map((evidence) => `  - seen: ${proof(evidence)}`),
          ...(first?.fix ? [`  - fix: ${plain(first.fix)}`] : []),
          ...pasted(first?.patch),
        ];
      }),
  );
  section(
    'Configured, and without effect',
    idleOf(run).map(({ finding }) => `- ${plain(finding.message)}. ${plain(finding.fix)}`),
  );
  section(
    'Worth knowing',
    notesOf(groups).map(
      (group) => `- **${group.check}** (${group.services.length}): ${plain(told(group, nameOf, 1).messages[0] ?? '')}`,
    ),
  );
  if (isFolder(run)) section('What a folder cannot tell', [plain(`${unknownInFolder(run)}. ${onlyInACluster}`)]);
  else
    section(
      'What nobody could know from here',
      groups
        .filter(({ status }) => status === 'unknown')
        .map(
          (group) =>
            `- **${group.check}** (${group.services.length}): ${plain(told(group, nameOf, 1).messages[0] ?? '')}`,
        ),
    );
  section(
    'Waived',
    groupsOf(run, true).flatMap(({ cases }) =>
      cases.map(
        ({ result, finding }) =>
          `- ${plain(`${result.subject.namespace}/${result.subject.name}`)} ${result.check} ${code(finding.reason)}: ${plain(finding.waived?.why ?? '')} (${plain(finding.waived?.source ?? '')})`,
      ),
    ),
  );
  section(
    'Waivers without effect',
    run.idleWaivers.map(
      ({ check, why, source, because }) =>
        `- ${plain(source)}: ${plain(check)}${why ? ` (${plain(why)})` : ''} ${plain(because)}`,
    ),
  );
  section(
    'Not judged',
    run.notJudged.map(({ namespace, name, reason }) => `- ${plain(`${namespace ?? ''}/${name}`)}: ${plain(reason)}`),
  );
  section(
    'Could not be read',
    failedLines(run).map((line) => `- ${plain(line)}`),
  );
  return `${lines.join('\n')}\n`;
}
