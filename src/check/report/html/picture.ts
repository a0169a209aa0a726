import dagre from '@dagrejs/dagre';
import type { Status } from '../../contract.ts';
import { html } from './escape.ts';

/** Something that takes part, as it is drawn. */
export interface Box {
  id: string;
  label: string;
  /** service: rounded · outside: where requests come in · gone: an address that leads to nothing. */
  kind: 'service' | 'outside' | 'gone';
  /** What it leads to within the page. */
  href?: string;
  /** Of what was judged; colours its bar. */
  worst?: Status;
  /** It has a store that nobody else uses, which is not drawn by itself. */
  store?: true;
}

/** That one uses another. */
export interface Arrow {
  from: string;
  to: string;
  style: 'sync' | 'async' | 'store';
  /** Something in the cluster opens after failures. */
  guarded?: true;
  /** Calls that it stands for; thicker where they are many. */
  weight?: number;
}

interface Point {
  x: number;
  y: number;
}

const height = 26;
const margin = 6;
const letter = 6.7;
const widthOf = ({ label, store }: Box): number => Math.max(56, [...label].length * letter + 26 + (store ? 16 : 0));
const dashes = { sync: '', async: '6 3', store: '2 3' } as const;
const round = (value: number): string => String(Math.round(value));
const thinnest = 0.8;

/** Boxes from left to right, who calls before who is called, as one picture. Its colours stand in the page's style. */
export function draw(boxes: readonly Box[], arrows: readonly Arrow[], title: string): string {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', ranker: 'tight-tree', nodesep: 10, ranksep: 46, edgesep: 6 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const box of boxes) graph.setNode(box.id, { width: widthOf(box), height });
  for (const [index, { from, to }] of arrows.entries()) graph.setEdge(from, to, {}, String(index));
  dagre.layout(graph);
  const paths = arrows.map(
    ({ from, to }, index) => (graph.edge(from, to, String(index)) as { points: Point[] }).points,
  );
  const places = boxes.map(({ id }) => graph.node(id) as unknown as Point & { width: number });
  const most = Math.max(1, ...arrows.map(({ weight = 1 }) => weight));
  const lines = arrows.map((arrow, index) => lineOf(arrow, paths[index] ?? [], most));
  const drawn = [
    `<g class="edge" fill="none" stroke="#56606b" stroke-width="${thinnest}">${lines.map(({ line }) => line).join('')}</g>`,
    `<g class="tip" fill="#56606b">${lines.map(({ tip }) => tip).join('')}</g>`,
    lines.map(({ shield }) => shield).join(''),
  ].join('');
  const nodes = boxes.map((box, index) => boxOf(box, places[index] ?? { x: 0, y: 0 }));
  // Lines may go beyond what the layout counts as its own.
  const corners = places.flatMap(({ x, y, width }) => [
    { x: x - width / 2, y: y - height / 2 },
    { x: x + width / 2, y: y + height / 2 },
  ]);
  const all = [...corners, ...paths.flat()];
  const [left, top] = [Math.min(...all.map(({ x }) => x)) - margin, Math.min(...all.map(({ y }) => y)) - margin];
  const [right, bottom] = [Math.max(...all.map(({ x }) => x)) + margin, Math.max(...all.map(({ y }) => y)) + margin];
  const [width, tall] = [round(right - left), round(bottom - top)];
  return `<svg role="group" aria-label="${html(title)}" viewBox="${round(left)} ${round(top)} ${width} ${tall}" width="${width}" height="${tall}" font-size="12" font-family="system-ui, sans-serif">${drawn}${nodes.join('')}</svg>`;
}

function lineOf({ style, guarded, weight = 1 }: Arrow, points: readonly Point[], most: number) {
  const [first = { x: 0, y: 0 }, ...rest] = points;
  const last = rest.at(-1) ?? first;
  const before = rest.at(-2) ?? first;
  const angle = Math.atan2(last.y - before.y, last.x - before.x);
  const corner = (turn: number): string =>
    `${round(last.x - 7 * Math.cos(angle + turn))} ${round(last.y - 7 * Math.sin(angle + turn))}`;
  const path = `M${round(first.x)} ${round(first.y)}${curve(rest)}`;
  const dash = dashes[style] ? ` stroke-dasharray="${dashes[style]}"` : '';
  const middle = points[Math.floor(points.length / 2)] ?? first;
  const shield = guarded
    ? `<text class="pass" x="${round(middle.x)}" y="${round(middle.y - 2)}" text-anchor="middle">◆</text>`
    : '';
  const width = most > 1 ? ` stroke-width="${(thinnest + (3 * weight) / most).toFixed(1)}"` : '';
  return {
    line: `<path d="${path}"${width}${dash}/>`,
    tip: `<path d="M${round(last.x)} ${round(last.y)}L${corner(0.4)}L${corner(-0.4)}Z"/>`,
    shield,
  };
}

/** Through the middles between the points, so that no corner is left. */
function curve(points: readonly Point[]): string {
  const parts = points.slice(0, -1).map((point, index) => {
    const next = points[index + 1] ?? point;
    const end = index === points.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${round(point.x)} ${round(point.y)} ${round(end.x)} ${round(end.y)}`;
  });
  const [only] = points;
  return parts.length > 0 ? parts.join('') : only ? `L${round(only.x)} ${round(only.y)}` : '';
}

const plain = {
  service: ['#f6f8fa', '#56606b'],
  outside: ['#ffffff', '#0b57b0'],
  gone: ['#ffffff', '#b3111f'],
} as const;
const classOf = { service: 'box', outside: 'outside', gone: 'gone' } as const;
const bars: Readonly<Record<Status, string>> = {
  fail: '#b3111f',
  warn: '#7d5200',
  unknown: '#4a5361',
  pass: '#11692c',
  'n-a': '#d0d7de',
};

/** Where no style may apply, the attributes do. */
function boxOf(box: Box, at: Point): string {
  const { label, kind, href, worst, store } = box;
  const width = widthOf(box);
  const left = at.x - width / 2;
  const top = at.y - height / 2;
  const [fill, stroke] = plain[kind];
  const radius = kind === 'outside' ? height / 2 : 5;
  const bar = worst
    ? `<rect class="bar ${worst === 'n-a' ? 'none' : worst}" x="${round(left)}" y="${round(top)}" width="5" height="${height}" fill="${bars[worst]}"/>`
    : '';
  const shape =
    `<rect class="${classOf[kind]}" x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${height}" rx="${radius}" fill="${fill}" stroke="${stroke}"/>${bar}` +
    `<text${kind === 'service' ? '' : ` class="${classOf[kind]}-text"`} x="${round(at.x + 2)}" y="${round(at.y + 4)}" text-anchor="middle">${html(label)}${store ? ' ⛁' : ''}</text>`;
  return href ? `<a href="#${html(href)}" aria-label="${html(label)}">${shape}</a>` : shape;
}
