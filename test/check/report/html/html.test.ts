import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { renderHtml } from '../../../../src/check/report/html/html.ts';
import { commonPrefix } from '../../../../src/check/report/html/pictures.ts';
import { demo, hostile, system, withTexts } from './runs.ts';

const page = (run: ReturnType<typeof demo>): string => [...renderHtml(run)].join('');
/** Names of all tags, in their order: what a text could add to or close. */
const tags = (text: string): string[] => [...text.matchAll(/<(\/?[a-z][a-z0-9]*)/gi)].map(([, name = '']) => name);

test('identical runs give identical pages', () => expect(page(demo())).toBe(page(demo())));

test('its policy allows its own style and script, and nothing else', () => {
  const text = page(demo());
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text) ?? [];
  expect(policy).toMatch(/^default-src 'none';/);
  for (const name of ['style', 'script']) {
    const [, content = ''] = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(text) ?? [];
    expect(policy).toContain(`${name}-src 'sha256-${createHash('sha256').update(content).digest('base64')}'`);
  }
  expect(text).not.toMatch(/<[^>]+ (style|on[a-z]+)=|<[^>]+(src|href)="(?!#)|@import|url\(/);
});

test('text of a cluster opens and closes no tag, whatever it is and wherever it stands', () => {
  const plain = page(withTexts((text) => `${text}x\n`));
  const evil = page(withTexts(hostile));
  expect(tags(evil)).toEqual(tags(plain));
  expect(evil).not.toContain('\u202e');
});

const compared = (text: string): ReturnType<typeof demo> => ({
  ...demo(),
  environment: { name: text, renderedBy: text, assumes: [text] },
  changes: { list: [{ state: 'new', check: 'a', id: text, now: 'warn', message: text }], lost: [text] },
  notLookedAt: [{ check: text, subject: { kind: 'Service', name: text }, message: text }],
  idleWaivers: [{ check: text, why: text, source: text, because: text }],
});

test('what changed, what was not looked at and what is taken for granted stand in it too, as text', () => {
  const text = page(compared('plainly'));
  for (const told of [
    'Rendered by plainly.',
    'Not looked at, as only the platform can answer</h2>',
    '<li>warn plainly: plainly</li>',
    'lists that were read then and not now (1)',
    'plainly: plainly (plainly) plainly',
  ])
    expect(text).toContain(told);
  expect(tags(page(compared(hostile('x'))))).toEqual(tags(text));
  expect(page({ ...demo(), changes: { list: [], lost: [] } })).toContain('<p>Nothing changed.</p>');
});

test('every link leads to something in the page', () => {
  for (const run of [demo(), system(90)]) {
    const text = page(run);
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...text.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
    expect(links.length).toBeGreaterThan(50);
  }
});

describe('the picture', () => {
  test('of few services is one, with every call of the graph', () => {
    const run = demo();
    const text = page(run);
    expect(text.match(/<svg/g)).toHaveLength(1);
    for (const { name, judged } of run.graph.nodes)
      if (judged && name !== 'orders-db') expect(text).toContain(`>${name}`);
    expect(text).toContain('As a table');
  });

  test('of many is one of the namespaces, and one of each', () => {
    const text = page(system(300));
    expect(text.match(/<svg/g)).toHaveLength(13);
    expect(text).toContain('are too many for one picture');
    expect(Buffer.byteLength(text)).toBeLessThan(3_000_000);
  });

  /** `size` services, each of which calls `each` others. */
  const tangle = (size: number, each: number, namespaceOf: (index: number) => string): ReturnType<typeof demo> => {
    const id = (index: number): string => `${namespaceOf(index)}/s${index}`;
    const nodes = Array.from({ length: size }, (_, index) => ({
      id: id(index),
      kind: 'Service' as const,
      namespace: namespaceOf(index),
      name: `s${index}`,
      class: 'application' as const,
      judged: false,
      waysIn: [],
    }));
    const edges = nodes.flatMap(({ id: from }, index) =>
      Array.from({ length: each }, (_, next) => ({
        from,
        to: id((index + next + 1) % size),
        host: 'h',
        style: 'sync' as const,
        protocol: 'http',
        leads: 'service' as const,
        evidence: [],
      })),
    );
    return { ...demo(), graph: { ...demo().graph, nodes, edges, unseen: [] } };
  };

  test.each([
    ['everybody calls everybody', tangle(60, 59, () => 'shop')],
    ['each has a namespace of its own', tangle(1000, 3, (index) => `n${index}`)],
    [
      'one calls many that are gone',
      {
        ...tangle(2, 1, () => 'shop'),
        graph: {
          ...tangle(2, 1, () => 'shop').graph,
          edges: Array.from({ length: 1000 }, (_, index) => ({
            from: 'shop/s0',
            host: `gone-${index}`,
            style: 'sync' as const,
            protocol: 'http',
            leads: 'absent' as const,
            evidence: [],
          })),
        },
      },
    ],
  ])('is left out where no layout would end soon: %s', (_, run) => {
    const text = page(run);
    expect(text).toContain('Too many for a picture');
    expect(text).toContain('As a table');
  });

  test('takes any name for a namespace', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    expect(page(tangle(90, 1, (index) => names[index % 3] ?? ''))).toContain('>__proto__ (30)');
  });

  test.each([
    [['ts-orders', 'ts-order-users', 'ts-travel'], 'ts-'],
    [['orders', 'order-lines', 'ordering'], ''],
    [['shop-a', 'shop-b'], ''],
    [['same', 'same', 'same'], ''],
    [[], ''],
  ])('%j begin with "%s"', (names, prefix) => expect(commonPrefix(names)).toBe(prefix));
});
