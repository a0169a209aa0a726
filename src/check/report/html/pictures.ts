import { groupBy } from '../../../multimap.ts';
import type { CheckRun, GraphEdge, GraphNode, Status } from '../../contract.ts';
import { type Anchors, html } from './escape.ts';
import { type Arrow, type Box, draw } from './picture.ts';

/** More boxes than this are read as a tangle: then there is a picture of the namespaces, and one of each. */
const mostBoxes = 70;
/** Beyond these (of hosts that are gone, ways in, namespaces; of calls between all) a layout takes minutes. */
const mostDrawn = { boxes: 2 * mostBoxes, arrows: 400 };
const tooMuch = '<p>Too many for a picture: each service shows who is around it.</p>';

function drawn(boxes: readonly Box[], arrows: readonly Arrow[], title: string): string {
  if (boxes.length > mostDrawn.boxes || arrows.length > mostDrawn.arrows) return tooMuch;
  return `<div class="wide" tabindex="0" role="region" aria-label="${html(title)}">${draw(boxes, arrows, title)}</div>`;
}

interface Drawing {
  run: CheckRun;
  anchors: Anchors;
  worst: ReadonlyMap<string, Status>;
  /** What all names begin with, and is left out. */
  prefix: string;
  /** Services of other namespaces stand as their namespace. */
  isPart?: true;
  /** Stores with one user, by the id of the store. */
  folded: ReadonlyMap<string, string>;
  nodes: ReadonlyMap<string, GraphNode>;
  edges: readonly GraphEdge[];
}

const order: readonly Status[] = ['fail', 'warn', 'unknown', 'pass', 'n-a'];

/** The gravest verdict of each service: "shop/orders". */
export function worstOf(run: CheckRun): Map<string, Status> {
  const worst = new Map<string, Status>();
  for (const { subject, status } of run.results) {
    if (subject.kind === 'Cluster') continue;
    const id = `${subject.namespace ?? ''}/${subject.name}`;
    const known = worst.get(id);
    if (!known || order.indexOf(status) < order.indexOf(known)) worst.set(id, status);
  }
  return worst;
}

/** Who calls whom, as pictures and as a table. */
export function pictures(run: CheckRun, anchors: Anchors): string[] {
  const drawing = prepare(run, anchors);
  const used = new Set(drawing.edges.flatMap(({ from, to }) => (to ? [from, to] : [from])));
  for (const { id, waysIn } of run.graph.nodes) if (waysIn.length > 0) used.add(id);
  const shown = run.graph.nodes.filter(({ id }) => used.has(id) && !drawing.folded.has(id));
  return [
    legend(drawing),
    ...(shown.length === 0
      ? ['<p>No service is seen to use another.</p>']
      : shown.length > mostBoxes
        ? byNamespace(drawing, shown)
        : [picture(drawing, new Set(shown.map(({ id }) => id)), 'Picture of the calls')]),
    ...unused(drawing, used),
    ...run.graph.unseen.map(
      ({ message, nodes }) =>
        `<p class="dim">${html(message.charAt(0).toUpperCase() + message.slice(1))} (${nodes.length === 1 ? 'one service' : `${nodes.length} services`}).</p>`,
    ),
    table(drawing),
  ];
}

function prepare(run: CheckRun, anchors: Anchors): Drawing {
  const nodes = new Map(run.graph.nodes.map((node) => [node.id, node]));
  // Telemetry goes from everywhere to everywhere, and says nothing of who needs whom.
  const edges = run.graph.edges.filter(({ style }) => style !== 'platform');
  const users = new Map<string, Set<string>>();
  for (const { from, to } of edges) if (to) users.set(to, (users.get(to) ?? new Set()).add(from));
  const callers = new Set(edges.map(({ from }) => from));
  const folded = new Map<string, string>();
  for (const [id, own] of users) {
    const [only = ''] = own;
    if (nodes.get(id)?.class === 'store' && own.size === 1 && !callers.has(id)) folded.set(id, only);
  }
  const judged = run.graph.nodes.filter((node) => node.judged).map(({ name }) => name);
  return { run, anchors, worst: worstOf(run), prefix: commonPrefix(judged), folded, nodes, edges };
}

/** `ts-` of `ts-orders` and `ts-users`: up to a dash, and of three names at least. */
export function commonPrefix(names: readonly string[]): string {
  const [first = ''] = names;
  if (names.length < 3) return '';
  let length = first.length;
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, first.slice(0, length).lastIndexOf('-') + 1);
}

const legend = ({ prefix }: Drawing): string =>
  `<p class="dim">── a call that waits · ╌╌ through a broker · ┈┈ data · ◆ a breaker is in force · ⛁ a store of its own · left bar: worst verdict${prefix ? ` · names without “${html(prefix)}”` : ''}</p>`;

const short = (name: string, prefix: string): string => (name.startsWith(prefix) ? name.slice(prefix.length) : name);

/** Never a word that a library's objects have already (`constructor`). */
const boxOfNamespace = (name: string): string => `namespace ${name}`;

/** The services of `ids` with what leads into them and what they call; others that they touch stand beside them. */
function picture(drawing: Drawing, ids: ReadonlySet<string>, title: string): string {
  const { nodes, edges, folded, prefix, worst, anchors } = drawing;
  const boxes = new Map<string, Box>();
  const arrows = new Map<string, Arrow>();
  const stores = new Set([...folded].filter(([, user]) => ids.has(user)).map(([, user]) => user));
  const boxOf = (id: string): void => {
    const node = nodes.get(id);
    const status = worst.get(id);
    boxes.set(id, {
      id,
      label: short(node?.name ?? id, prefix),
      kind: 'service',
      ...(node?.judged ? { href: anchors.of('service', id) } : {}),
      ...(status ? { worst: status } : {}),
      ...(stores.has(id) ? { store: true } : {}),
    });
  };
  for (const id of ids) boxOf(id);
  const abroad = (id: string): string => {
    const namespace = nodes.get(id)?.namespace ?? '';
    const box = boxOfNamespace(namespace);
    boxes.set(box, { id: box, label: namespace, kind: 'outside', href: anchors.of('namespace', namespace) });
    return box;
  };
  const add = (arrow: Arrow): void => {
    const key = `${arrow.from} ${arrow.to} ${arrow.style}`;
    const known = arrows.get(key);
    arrows.set(key, known?.guarded && !arrow.guarded ? { ...arrow, guarded: true } : arrow);
  };
  for (const { from, to, host, leads, style, breaker } of edges) {
    if ((!ids.has(from) && !(to && ids.has(to))) || (to && folded.has(to)) || style === 'platform') continue;
    const target = to ?? (leads === 'absent' || leads === 'no-port' ? `gone ${host}` : undefined);
    if (target === undefined) continue;
    if (!to) boxes.set(target, { id: target, label: host, kind: 'gone' });
    const [start, end] = [from, target].map((id) =>
      drawing.isPart && nodes.has(id) && !ids.has(id) ? abroad(id) : id,
    );
    for (const id of [start, end]) if (id && !boxes.has(id)) boxOf(id);
    add({ from: start ?? from, to: end ?? target, style, ...(breaker?.state === 'guarded' ? { guarded: true } : {}) });
  }
  for (const id of ids)
    for (const { kind, state, evidence } of nodes.get(id)?.waysIn ?? []) {
      const label = kind === 'direct' ? 'no gateway' : evidence.object;
      const way = kind === 'direct' ? `direct ${id}` : `way ${evidence.object}`;
      if (kind === 'route' && state === 'refused') continue;
      boxes.set(way, { id: way, label, kind: kind === 'direct' ? 'gone' : 'outside' });
      add({ from: way, to: id, style: 'sync' });
    }
  return drawn([...boxes.values()], [...arrows.values()], title);
}

/** First the namespaces, thick where many calls cross; then each by itself. */
function byNamespace(drawing: Drawing, shown: readonly GraphNode[]): string[] {
  const { nodes, edges, anchors, worst } = drawing;
  const members = groupBy(shown, ({ namespace }) => namespace);
  const boxes = [...members].map(([namespace, list]): Box => {
    const status = order.find((each) => list.some(({ id }) => worst.get(id) === each));
    return {
      id: boxOfNamespace(namespace),
      label: `${namespace} (${list.length})`,
      kind: 'service',
      href: anchors.of('namespace', namespace),
      ...(status ? { worst: status } : {}),
    };
  });
  const between = new Map<string, Arrow & { weight: number }>();
  for (const { from, to, style } of edges) {
    const [a, b] = [nodes.get(from)?.namespace, to === undefined ? undefined : nodes.get(to)?.namespace];
    if (a === undefined || b === undefined || a === b || style === 'platform') continue;
    const key = `${a} ${b}`;
    const [start, end] = [boxOfNamespace(a), boxOfNamespace(b)];
    between.set(key, { from: start, to: end, style: 'sync', weight: (between.get(key)?.weight ?? 0) + 1 });
  }
  const known = new Set(boxes.map(({ id }) => id));
  const arrows = [...between.values()].filter(({ from, to }) => known.has(from) && known.has(to));
  return [
    `<p>${shown.length} services are too many for one picture: here are their namespaces, thick where many calls cross. Each opens below, and each service shows who is around it.</p>`,
    drawn(boxes, arrows, 'Calls between namespaces'),
    ...[...members].map(([namespace, list]) => {
      const title = `${namespace}: ${list.length} ${list.length === 1 ? 'service' : 'services'}`;
      const own = new Set(list.map(({ id }) => id));
      return `<details id="${anchors.of('namespace', namespace)}"><summary>${html(title)}</summary>${own.size > mostBoxes ? tooMuch : picture({ ...drawing, isPart: true }, own, title)}</details>`;
    }),
  ];
}

function unused({ run, anchors }: Drawing, used: ReadonlySet<string>): string[] {
  const all = run.graph.nodes.filter(({ judged }) => judged);
  const none = all.filter(({ id }) => !used.has(id));
  if (none.length === 0) return [];
  const named = none.slice(0, 60).map(({ id, name }) => `<a href="#${anchors.of('service', id)}">${html(name)}</a>`);
  return [
    `<p class="dim">No dependency is seen of ${none.length} of ${all.length}: ${named.join(', ')}${none.length > 60 ? ` and ${none.length - 60} more` : ''}. What stands only in code or in a registry is not visible.</p>`,
  ];
}

/** For those who cannot see the picture, or want to search it. */
function table({ edges, nodes }: Drawing): string {
  const rows = edges.map(({ from, to, host, port, style, protocol, breaker }) => {
    const target = to ? (nodes.get(to)?.id ?? to) : `${host} (${port ?? 'no port'})`;
    const guard = breaker ? (breaker.state === 'none-seen' ? 'none seen' : breaker.state) : '';
    return `<tr><td>${html(from)}</td><td>${html(target)}</td><td>${html(`${style} ${protocol}`)}</td><td>${html(guard)}</td></tr>`;
  });
  if (rows.length === 0) return '';
  return `<details><summary>As a table (${rows.length})</summary><div class="wide" tabindex="0" role="region" aria-label="Calls"><table><thead><tr><th scope="col">who</th><th scope="col">uses</th><th scope="col">how</th><th scope="col">breaker</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></details>`;
}

/** Who calls a service, and whom it calls: one line each, with links. */
export function neighbours(run: CheckRun, anchors: Anchors): (id: string) => string[] {
  const callers = new Map<string, Set<string>>();
  const called = new Map<string, Set<string>>();
  const add = (lists: Map<string, Set<string>>, key: string, value: string): void =>
    void lists.set(key, (lists.get(key) ?? new Set()).add(value));
  for (const { from, to, host, style } of run.graph.edges) {
    if (style === 'platform') continue;
    add(called, from, to ?? host);
    if (to) add(callers, to, from);
  }
  const judged = new Set(run.graph.nodes.filter((node) => node.judged).map(({ id }) => id));
  const list = (title: string, ids: ReadonlySet<string> | undefined): string[] =>
    ids && ids.size > 0
      ? [
          `<p class="dim">${title}: ${[...ids]
            .sort()
            .map((id) => (judged.has(id) ? `<a href="#${anchors.of('service', id)}">${html(id)}</a>` : html(id)))
            .join(', ')}</p>`,
        ]
      : [];
  return (id) => [...list('used by', callers.get(id)), ...list('uses', called.get(id))];
}
