import { createHash } from 'node:crypto';
import { groupBy } from '../../../multimap.ts';
import type { CheckResult, CheckRun, Evidence, Finding, Status } from '../../contract.ts';
import { changesOf } from '../changes.ts';
import { assumed, notLookedAt, notShown } from '../environment.ts';
import { type Group, groupsOf, idleOf, namer, seen, told } from '../groups.ts';
import { matrixOf } from '../matrix.ts';
import {
  askedLine,
  communicationLine,
  count,
  dateOf,
  elsewhereOf,
  failedLines,
  isFolder,
  serviceNames,
  services,
  whyNoScore,
} from '../sum.ts';
import { Anchors, html, htmlLines } from './escape.ts';
import { neighbours, pictures } from './pictures.ts';
import { script } from './script.ts';
import { style } from './style.ts';

interface Page {
  run: CheckRun;
  groups: readonly Group[];
  anchors: Anchors;
  nameOf(result: CheckResult): string;
}

const signs: Readonly<Record<Status, string>> = { pass: '✓', warn: '!', fail: '✗', unknown: '?', 'n-a': '·' };
const words: Readonly<Record<Status, string>> = {
  pass: 'pass',
  warn: 'warn',
  fail: 'fail',
  unknown: 'unknown',
  'n-a': 'n/a',
};
const statuses = ['fail', 'warn', 'unknown', 'pass'] as const;

/** A Content-Security-Policy source for what stands in the page itself. */
const hashOf = (content: string): string => `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`;

/**
 * One file to forward: it asks for nothing from anywhere, reads well without its script and without its style (as a
 * pipeline's server may show it), and holds no markup of a cluster's. Identical runs give identical pages.
 */
export function* renderHtml(run: CheckRun): Generator<string> {
  const page: Page = { run, groups: groupsOf(run, false), anchors: new Anchors(), nameOf: namer(run) };
  const { environment } = run;
  const title = `What is really there: ${html(environment ? `${run.source.context} ${environment.name}` : run.source.context)}`;
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<header><h1>${title}</h1>
<p class="dim">${[...about(run)].map(html).join(' · ')}</p>
${assumed(run)
  .map((line) => `<p class="dim">${html(line)}</p>`)
  .join('')}
<p class="tools" hidden><button type="button" id="theme">Light or dark</button></p>
</header>
<main>
`;
  yield tiles(run);
  yield* section('matrix', `${serviceNames(run).length} services`, matrix(page));
  yield* section('graph', 'Who calls whom', talk(run, page.anchors));
  yield* section('first', 'What to do first', todo(page));
  yield* section('idle', 'Configured, and without effect', idle(page));
  yield* section('unknown', 'What nobody could know from here', unknowns(page));
  yield* section(
    'open',
    'Not looked at, as only the platform can answer',
    listOf([notLookedAt(run)].filter(Boolean).map(html)),
  );
  yield* section('hidden', `Not looked at (${run.notShown?.length ?? 0})`, listOf(notShown(run).map(html)));
  yield* section('changes', 'Since the baseline', changes(run));
  yield* section('waived', 'Waived', waived(page));
  yield* section('idle-waivers', 'Waivers without effect', idleWaivers(run));
  yield* section('services', 'Service by service', perService(page));
  yield* section('not-judged', 'Not judged', notJudged(run));
  yield* section('not-read', 'Could not be read', listOf(failedLines(run).map(html)));
  yield `</main>\n<footer><p class="dim">msvc ${html(run.tool)}. What each check judges, and when it may be wrong: msvc explain CHECK. What counts: msvc explain score.</p></footer>\n<script>${script}</script>\n</body>\n</html>\n`;
}

function* section(id: string, title: string, body: Iterable<string>): Generator<string> {
  let begun = false;
  for (const piece of body) {
    if (!begun) yield `<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>\n`;
    begun = true;
    yield `${piece}\n`;
  }
  if (begun) yield '</section>\n';
}

function* about(run: CheckRun): Generator<string> {
  yield { cluster: 'cluster', recording: 'recording', manifests: 'manifests', repository: 'repository' }[
    run.source.kind
  ];
  if (!isFolder(run)) yield `Kubernetes ${run.source.version}`;
  if (dateOf(run)) yield dateOf(run);
}

function tiles(run: CheckRun): string {
  const { score, coverage } = run.summary;
  const why = whyNoScore(run);
  const elsewhere = elsewhereOf(run);
  const asked = askedLine(run);
  const tile = (value: string, name: string, kind = ''): string =>
    `<div><dt>${name}</dt><dd${kind ? ` class="${kind}"` : ''}>${value}</dd></div>`;
  return `<dl class="tiles">${[
    tile(score === null ? 'none' : `${score} %`, 'score: passes of what applies'),
    tile(coverage === null ? 'none' : `${coverage} %`, 'coverage: could be decided'),
    ...statuses.map((status) => tile(`${signs[status]} ${count(run, status)}`, words[status], status)),
  ].join(
    '',
  )}</dl>${why ? `<p>No score: ${html(why)}.</p>` : ''}${elsewhere ? `<p>${html(elsewhere)}</p>` : ''}${asked ? `<p>${html(asked)}</p>` : ''}\n`;
}

function* talk(run: CheckRun, anchors: Anchors): Generator<string> {
  const line = communicationLine(run);
  if (line) yield `<p>${html(line)}</p>`;
  yield* pictures(run, anchors);
}

function* matrix({ run, anchors }: Page): Generator<string> {
  const { blocks, namespaces } = matrixOf(run, Number.MAX_SAFE_INTEGER);
  if ((blocks[0]?.rows ?? []).length === 0) return yield '<p>No service was judged.</p>';
  yield `<div class="tools" hidden><label for="find">Find</label> <input id="find" type="search" placeholder="service, namespace ( / )"> ${statuses
    .map(
      (status) =>
        `<button type="button" aria-pressed="false" data-status="${status}"><span class="${status}">${signs[status]}</span> ${words[status]}</button>`,
    )
    .join(' ')} <span id="found" role="status" class="dim"></span></div>`;
  const [items, practices] = blocks;
  const groups = practices
    ? `<tr><td></td><th scope="colgroup" colspan="${items?.heads.length}">checklist</th><th scope="colgroup" colspan="${practices.heads.length}">best practices</th></tr>`
    : '';
  const heads = blocks.flatMap((block) => block.heads);
  yield `<div class="wide" tabindex="0" role="region" aria-label="Services and checks"><table class="matrix"><thead>${groups}<tr><th scope="col">service</th>${heads.map((head) => `<th scope="col">${html(head)}</th>`).join('')}</tr></thead><tbody>`;
  for (const [index, { namespace, name }] of (items?.rows ?? []).entries()) {
    const id = `${namespace}/${name.trim()}`;
    const anchor = anchors.of('service', id);
    const cells = blocks.flatMap((block) => block.rows[index]?.cells ?? []);
    yield `<tr data-name="${html(id)}"><th scope="row"><a href="#${anchor}">${html(namespaces ? id : name.trim())}</a></th>${cells
      .map((status) => (status ? cell(status, anchor) : '<td></td>'))
      .join('')}</tr>`;
  }
  yield '</tbody></table></div>';
}

const cell = (status: Status, anchor: string): string =>
  status === 'n-a'
    ? `<td class="n-a"><span>${signs[status]} ${words[status]}</span></td>`
    : `<td class="${status}"><a href="#${anchor}">${signs[status]} ${words[status]}</a></td>`;

const proof = ({ object, path, value, file, line }: Evidence): string =>
  `<code>${html(object)}${path ? ` ${html(path)}` : ''}${value ? ` = ${html(value)}` : ''}</code>${file ? ` <span class="dim">${html(file)}${line ? `:${line}` : ''}</span>` : ''}`;

/** Services of a group that are named in its heading. */
const mostNames = 6;

function* todo({ groups, nameOf, anchors }: Page): Generator<string> {
  for (const [index, group] of groups.filter(({ status }) => status === 'fail' || status === 'warn').entries()) {
    const { status, check, reason, services: names, cases } = group;
    const { messages, more } = told(group, nameOf, 3);
    const first = cases[0]?.finding;
    const others = names.length > mostNames ? ` and ${names.length - mostNames} more` : '';
    yield `<details id="${anchors.of('finding', `${check}-${reason}`)}"${index < 3 ? ' open' : ''}><summary><strong class="${status}">${signs[status as Status]} ${status}</strong> ${html(check)} <code>${html(reason)}</code> <span class="dim">${html(names.slice(0, mostNames).join(', ') + others)}</span></summary>`;
    yield `<ul>${messages.map((message) => `<li>${html(message)}</li>`).join('')}${more > 0 ? `<li>and ${more} more like ${messages.length > 1 ? 'these' : 'this'}</li>` : ''}</ul>`;
    yield `<ul>${seen(group, mostNames)
      .map((evidence) => `<li>seen: ${proof(evidence)}</li>`)
      .join('')}</ul>`;
    if (first?.fix) yield `<p><strong>fix:</strong> ${html(first.fix)}</p>`;
    if (first?.patch) yield `<pre tabindex="0">${htmlLines(first.patch)}</pre>`;
    if (names.length > 1) yield `<p class="dim">${links(group, nameOf, anchors)}</p>`;
    yield '</details>';
  }
}

const links = ({ cases }: Group, nameOf: Page['nameOf'], anchors: Anchors): string => {
  const known = new Map(cases.map(({ result }) => [idOf(result), nameOf(result)]));
  return [...known].map(([id, name]) => `<a href="#${anchors.of('service', id)}">${html(name)}</a>`).join(', ');
};

const idOf = ({ subject }: CheckResult): string => `${subject.namespace ?? ''}/${subject.name}`;

const listOf = (items: readonly string[]): string[] =>
  items.length === 0 ? [] : [`<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`];

const idle = ({ run }: Page): string[] =>
  listOf(idleOf(run).map(({ finding }) => `${html(finding.message)}. <span class="dim">${html(finding.fix)}</span>`));

function unknowns({ groups, nameOf, anchors }: Page): string[] {
  return groups
    .filter(({ status }) => status === 'unknown')
    .map((group) => {
      const { messages } = told(group, nameOf, 2);
      const [fix] = group.cases.map(({ finding }) => finding.fix);
      return `<details id="${anchors.of('finding', `${group.check}-${group.reason}`)}"><summary><span class="unknown">? unknown</span> ${html(group.check)} <code>${html(group.reason)}</code> <span class="dim">${group.services.length === 1 ? html(group.services[0] ?? '') : `${group.services.length} services`}</span></summary><ul>${messages.map((message) => `<li>${html(message)}</li>`).join('')}</ul>${fix ? `<p><strong>to know it:</strong> ${html(fix)}</p>` : ''}<p class="dim">${links(group, nameOf, anchors)}</p></details>`;
    });
}

const waived = ({ run, nameOf }: Page): string[] =>
  listOf(
    groupsOf(run, true).flatMap(({ cases }) =>
      cases.map(
        ({ result, finding }) =>
          `${html(nameOf(result))} ${html(result.check)} <code>${html(finding.reason)}</code>: ${html(finding.waived?.why ?? '')} <span class="dim">(${html(finding.waived?.source ?? '')}${finding.waived?.expires ? `, until ${html(finding.waived.expires)}` : ''})</span>`,
      ),
    ),
  );

const idleWaivers = ({ idleWaivers: list }: CheckRun): string[] =>
  listOf(
    list.map(({ check, why, source, because }) => html(`${source}: ${check}${why ? ` (${why})` : ''} ${because}`)),
  );

function changes({ changes: found }: CheckRun): string[] {
  if (!found) return [];
  const blocks = changesOf(found);
  if (blocks.length === 0) return ['<p>Nothing changed.</p>'];
  return blocks.flatMap(({ title, lines }) => [`<h3>${html(title)}</h3>`, ...listOf(lines.map(html))]);
}

function* perService({ run, anchors, nameOf }: Page): Generator<string> {
  const around = neighbours(run, anchors);
  for (const [id, results] of groupBy(services(run), idOf)) {
    const [one] = results;
    const marks = statuses
      .map((status) => [status, results.filter((result) => result.status === status).length] as const)
      .filter(([, number]) => number > 0)
      .map(([status, number]) => `<span class="${status}">${signs[status]} ${number}</span>`);
    yield `<details id="${anchors.of('service', id)}"><summary><strong>${html(one ? nameOf(one) : id)}</strong> ${marks.join(' ')}</summary>${around(id).join('')}`;
    for (const result of results) yield verdict(result, anchors);
    yield '</details>';
  }
}

/** Pieces of evidence of one verdict. */
const mostProofs = 3;

function verdict({ check, status, reason, message, evidence, findings }: CheckResult, anchors: Anchors): string {
  const told = findings.filter((finding) => finding.status !== 'note' || finding.fix !== '');
  const seenOf = (list: readonly Evidence[]): string =>
    list.length === 0
      ? ''
      : `<ul>${list
          .slice(0, mostProofs)
          .map((piece) => `<li>${proof(piece)}</li>`)
          .join('')}</ul>`;
  const head = `<h3><span class="${status}">${signs[status]} ${words[status]}</span> ${html(check)} <code>${html(reason)}</code></h3>`;
  if (told.length === 0) return `${head}<p>${html(message)}</p>${seenOf(evidence)}`;
  return `${head}<ul>${told.map((finding) => `<li>${own(finding, check, anchors)}${seenOf(finding.evidence)}</li>`).join('')}</ul>`;
}

const own = ({ status, reason, message, waived: waiver }: Finding, check: string, anchors: Anchors): string =>
  `<span class="${status}">${status}</span> ${html(message)}${
    waiver
      ? ` <span class="dim">(waived: ${html(waiver.why)})</span>`
      : status === 'note'
        ? ''
        : ` <a href="#${anchors.of('finding', `${check}-${reason}`)}">what to do</a>`
  }`;

const notJudged = ({ notJudged: list }: CheckRun): string[] =>
  list.length === 0
    ? []
    : [
        `<details><summary>${list.length} ${list.length === 1 ? 'object' : 'objects'}</summary>${listOf(
          list.map(
            ({ namespace, name, reason }) => `${html(`${namespace ? `${namespace}/` : ''}${name}`)}: ${html(reason)}`,
          ),
        ).join('')}</details>`,
      ];
