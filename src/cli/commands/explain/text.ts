import { type Reason, statusesOf } from '../../../check/checks/define/reasons.ts';
import { checks } from '../../../check/checks/index.ts';
import { clusterReasons } from '../../../check/findings/cluster-line.ts';
import { UserError } from '../../../errors.ts';
import { nearest } from '../../../nearest.ts';
import { wrap } from '../../../wrap.ts';
import { twoColumns } from '../../command-line/two-columns.ts';
import { knownCheck } from '../check-cluster/inputs.ts';

const paragraph = (heading: string, text: string, columns: number): string =>
  [heading, ...wrap(text, columns - 2).map((line) => `  ${line}`)].join('\n');

const table = (rows: readonly (readonly [string, string])[], columns: number): string =>
  twoColumns(rows, Math.max(...rows.map(([term]) => term.length)), columns).join('\n');

/** One reason as a check gives it; the line of the cluster belongs to no check. */
interface Told {
  code: string;
  reason: Reason;
  check?: (typeof checks)[number];
}

const told: readonly Told[] = [
  ...checks.flatMap((check) => Object.entries(check.reasons).map(([code, reason]) => ({ code, reason, check }))),
  ...Object.entries(clusterReasons).map(([code, reason]) => ({ code, reason })),
];

/** Every word that can be explained. */
export const topics: readonly string[] = [
  ...new Set([...checks.map(({ id }) => id), 'score', 'when', 'async-communication', ...told.map(({ code }) => code)]),
];

/**
 * A check, a reason, or when microservices are worth it.
 *
 * @throws UserError (exit 2) for a word that is none of them
 */
export function explain(topic: string, columns: number): string {
  if (topic === 'when') return explainWhen(columns);
  if (topic === 'score') return explainScore(columns);
  if (topic === 'async-communication') return explainCommunication(columns);
  const code = topic.toUpperCase().replaceAll('-', '_');
  if (told.some((one) => one.code === code)) return explainReason(code, columns);
  return topic === code ? refuseReason(topic) : explainCheck(topic, columns);
}

function refuseReason(code: string): never {
  const near = nearest(code, [...new Set(told.map((one) => one.code))]);
  throw new UserError({
    code: 'UNKNOWN_REASON',
    what: `There is no reason "${code}"`,
    why: 'No check gives it.',
    fix: near ? `Did you mean ${near}?` : 'msvc explain <check> lists those of a check.',
  });
}

function explainReason(code: string, columns: number): string {
  const given = told.filter((one) => one.code === code);
  const titles = [...new Set(given.map(({ reason }) => reason.title))];
  return `${titles
    .map((title) => {
      const own = given.filter(({ reason }) => reason.title === title);
      const [{ reason, check } = { reason: { status: [], title } as Reason, check: undefined }] = own;
      const isFault = statusesOf(reason).some((status) => ['fail', 'warn', 'unknown'].includes(status));
      const fix = reason.fix ?? check?.docs.fix;
      return [
        `${code}: ${title}`,
        table(
          [
            ['status', statusesOf(reason).join(', ')],
            ['check', own.map((one) => one.check?.id ?? 'the line of the cluster').join(', ')],
          ],
          columns,
        ),
        ...(fix && (isFault || reason.fix) ? [paragraph('What to do', fix, columns)] : []),
        ...(isFault && check ? [acceptance(own.length === 1 ? check.id : '<check>', code)] : []),
      ].join('\n\n');
    })
    .join('\n\n')}\n`;
}

const acceptance = (check: string, code: string): string =>
  [
    'To accept it, in .msvc/check.yaml',
    '  waivers:',
    `    - check: ${check}`,
    `      reason: ${code}`,
    '      name: <service>',
    '      why: <why>',
  ].join('\n');

function explainCheck(id: string, columns: number): string {
  const { title, docs, reads, reasons } = knownCheck(id);
  const rows = Object.entries(reasons).map(
    ([code, reason]) => [code, `${statusesOf(reason).join(', ')}: ${reason.title}`] as const,
  );
  return `${[
    `${id}: ${title}`,
    paragraph('Why', docs.why, columns),
    paragraph('What it judges', docs.judges, columns),
    paragraph('When it can be wrong', docs.wrongWhen, columns),
    paragraph('What to do', docs.fix, columns),
    `Reasons\n${table(rows, columns)}`,
    paragraph('Reads', [...reads.needs, ...reads.uses].join(', '), columns),
    paragraph(
      'To accept a finding',
      `Annotate the Service or workload with msvc.dev/ignore-${id}: "<why>", or list it in .msvc/check.yaml.`,
      columns,
    ),
  ].join('\n\n')}\n`;
}

export function listChecks(columns: number): string {
  const width = Math.max(...checks.map(({ id }) => id.length));
  const rows = checks.map(({ id, title }) => [id, title] as const);
  return `${twoColumns(rows, width, columns).join('\n')}\n\nmsvc explain <check> tells more of one, with its reasons; msvc explain when says when to use microservices at all.\n`;
}

function explainWhen(columns: number): string {
  const reasons = [
    'parts of it need to scale independently of one another;',
    'several teams work on it and wait for one another’s releases;',
    'parts of it have different technology requirements;',
    'the domain is complex and falls into bounded contexts.',
  ];
  return `${[
    'When to use microservices',
    ['Split a system when at least one of these is true today:', ...reasons.map((reason) => `  - ${reason}`)].join(
      '\n',
    ),
    paragraph(
      'When not to',
      'One team, one domain, one rate of change: a well-cut monolith is cheaper to run, to change and to understand. Every network between two parts adds latency, partial failure and a contract to keep. The nine items that check-cluster judges are the price of the split: where nobody will pay it, do not split.',
      columns,
    ),
  ].join('\n\n')}\n`;
}

const explainScore = (columns: number): string =>
  `${[
    'Score and coverage',
    paragraph(
      'What is counted',
      'Cells: one a service and item, each pass, warn, fail, unknown or “does not apply”. What does not apply is left out of both numbers, and a practice that nothing shows has no cell at all; notes count nowhere, and neither do the lines of the cluster.',
      columns,
    ),
    paragraph(
      'Score',
      'pass / (pass + warn + fail + unknown), in percent. A warning is no pass, and neither is what nobody could know. A fact about the whole cluster, such as a missing log agent, stands in the cell of every service that it concerns, so it counts once a service.',
      columns,
    ),
    paragraph(
      'Coverage',
      'The share of those cells that were decided: all but unknown. It says how far the score can be trusted; --min-coverage makes a pipeline ask for it.',
      columns,
    ),
    paragraph(
      'What raises neither',
      'Reading less: what could not be read is unknown, which counts against both, and where a list that names services failed there is no number at all. Waivers: a waived cell keeps its status and only the exit code is quiet; summaries say how many are waived.',
      columns,
    ),
    paragraph(
      'Manifests',
      'A folder (--from) has a coverage and no score, because a score is about what runs.',
      columns,
    ),
  ].join('\n\n')}\n`;

const explainCommunication = (columns: number): string =>
  `${[
    'async-communication: Use async communication',
    paragraph(
      'Why',
      'Who waits for an answer is as slow as the slowest behind it, and down when it is: each further call in a chain adds its latency and its failures. What need not be answered at once goes through a broker, and waits there while somebody is down.',
      columns,
    ),
    paragraph(
      'What it says',
      'Two numbers about the whole cluster, in every report: of the connections that are seen the share that goes through a broker, and the longest chain of services of which each waits for the next. A service and whom it uses count once. It is a measure and no verdict: how much of a system can wait is its business’ matter, so nothing passes or fails by it.',
      columns,
    ),
    paragraph(
      'When it can be wrong',
      'Addresses in code, in Secrets and behind registries are not seen (-o json says in graph.unseen whose), and neither is traffic: what is configured counts, whether it is used or not. In a circle of calls a longer chain may be.',
      columns,
    ),
    paragraph(
      'What to do',
      'Begin at the longest chain: which of its calls only tells somebody that something happened? Publish that as an event (msvc add-event), and keep calls for questions.',
      columns,
    ),
  ].join('\n\n')}\n`;
