import { expect, test } from 'vitest';
import { filesBelow, type Import, importsOf } from './support/imports.ts';

/** The files at the root of the inventory, by the room that they stand for. */
const roots: Record<string, readonly string[]> = {
  memo: ['memoize.ts', 'globs.ts'],
  ledger: ['ledger.ts'],
  facts: ['facts.ts', 'scope.ts', 'select-subjects.ts', 'per-run.ts', 'always-read.ts', 'written.ts'],
};

/** The rooms of the inventory, from the ground up, each with the rooms that it may ask. */
function inventory(rooms: Record<string, readonly string[]>): Record<string, readonly string[]> {
  const top = 'src/check/inventory';
  const paths = (room: string): readonly string[] => (roots[room] ?? [room]).map((path) => `${top}/${path}`);
  const outside = [
    'src/check/contract.ts',
    'src/check/sources/snapshot.ts',
    // What is going to be asked, between who decides it and who sends it.
    'src/check/sources/probes/planned.ts',
    'src/marks.ts',
    'src/errors.ts',
    'src/multimap.ts',
  ];
  return Object.fromEntries(
    Object.entries(rooms).flatMap(([room, asked]) =>
      paths(room).map((path) => [path, [...outside, ...paths(room), ...asked.flatMap(paths)]]),
    ),
  );
}

/**
 * Who may import whom: a folder, and what it may import besides itself. The flow of DESIGN in one table: what is not
 * listed is refused, so an arrow the other way is a failing test and not a habit.
 */
const mayImport: Record<string, readonly string[]> = {
  'src/errors.ts': [],
  'src/ports.ts': [],
  'src/marks.ts': [],
  'src/harmless.ts': [],
  'src/multimap.ts': [],
  'src/wrap.ts': [],
  'src/nearest.ts': [],
  'src/flag-name.ts': [],
  'src/system-error.ts': ['src/errors.ts', 'src/harmless.ts'],
  'src/generate/record.ts': [],
  'src/generate/manifest.ts': [],
  'src/generate/formats': [],
  'src/generate/inputs': [
    'src/generate/formats',
    'src/generate/record.ts',
    'src/generate/manifest.ts',
    'src/errors.ts',
    'src/harmless.ts',
    'src/nearest.ts',
    'src/flag-name.ts',
  ],
  'src/generate/contracts': [
    'src/generate/formats',
    'src/generate/inputs',
    'src/generate/record.ts',
    'src/errors.ts',
    'src/harmless.ts',
    // A service compares its own contract by the same rules.
    'templates/base/scripts/contracts',
  ],
  'src/generate/render': [
    'src/generate/contracts',
    'src/generate/formats',
    'src/generate/inputs',
    'src/generate/record.ts',
    'src/generate/manifest.ts',
    'src/errors.ts',
    'src/harmless.ts',
    'src/marks.ts',
  ],
  'src/generate/plan': [
    'src/generate/contracts',
    'src/generate/formats',
    'src/generate/render',
    'src/generate/inputs',
    'src/generate/record.ts',
    'src/generate/manifest.ts',
    'src/errors.ts',
    'src/harmless.ts',
    'src/marks.ts',
  ],
  'src/generate/files': [
    'src/system-error.ts',
    'src/generate/formats',
    'src/generate/plan',
    'src/generate/render',
    'src/generate/inputs',
    'src/generate/record.ts',
    'src/generate/manifest.ts',
    'src/errors.ts',
    'src/harmless.ts',
    'src/ports.ts',
  ],
  'src/generate/tools': [
    'src/generate/inputs',
    'src/generate/record.ts',
    'src/generate/manifest.ts',
    'src/errors.ts',
    'src/harmless.ts',
    'src/ports.ts',
  ],
  'src/check/contract.ts': [],
  'src/check/fail-on.ts': ['src/check/contract.ts'],
  // A probe's command is taken apart by whoever judges it and by whoever makes it harmless.
  'src/check/shell': [],
  'src/check/sources': [
    'src/check/contract.ts',
    'src/check/shell',
    'src/errors.ts',
    'src/harmless.ts',
    'src/multimap.ts',
    'src/ports.ts',
  ],
  ...inventory({
    memo: [],
    kubernetes: ['memo'],
    technologies: ['kubernetes', 'memo'],
    configuration: ['kubernetes', 'technologies', 'memo'],
    ledger: [],
    graph: ['memo', 'configuration', 'kubernetes', 'technologies', 'ledger'],
    facts: ['memo', 'configuration', 'graph', 'kubernetes', 'ledger'],
    // From here on a room asks the facts.
    traffic: ['facts', 'configuration', 'graph', 'kubernetes', 'technologies', 'memo'],
    delivery: ['facts', 'graph', 'kubernetes'],
    declared: ['facts', 'graph', 'kubernetes', 'technologies', 'delivery', 'memo'],
    data: ['memo', 'facts', 'configuration', 'graph', 'kubernetes', 'declared'],
    telemetry: ['facts', 'configuration', 'graph', 'kubernetes', 'technologies', 'traffic', 'memo'],
    breakers: ['facts', 'configuration', 'graph', 'kubernetes', 'technologies', 'traffic', 'memo'],
    probing: ['facts', 'graph', 'kubernetes', 'technologies', 'traffic'],
  }),
  'src/check/checks': [
    'src/multimap.ts',
    'src/nearest.ts',
    'src/check/contract.ts',
    'src/check/shell',
    'src/check/inventory',
    'src/check/sources/snapshot.ts',
    'src/marks.ts',
  ],
  'src/check/graph': ['src/check/contract.ts', 'src/check/checks', 'src/check/inventory', 'src/multimap.ts'],
  'src/check/findings': [
    'src/check/contract.ts',
    'src/check/fail-on.ts',
    'src/check/checks',
    'src/check/inventory',
    'src/check/sources/snapshot.ts',
    'src/errors.ts',
    'src/harmless.ts',
    'src/marks.ts',
    'src/nearest.ts',
  ],
  'src/check/report': [
    'src/check/contract.ts',
    'src/check/fail-on.ts',
    'src/check/checks',
    'src/harmless.ts',
    'src/multimap.ts',
    'src/wrap.ts',
  ],
  'src/check': ['src/check', 'src/errors.ts', 'src/ports.ts'],
  'src/cli': [
    'src/generate',
    'src/check',
    'src/multimap.ts',
    'src/wrap.ts',
    'src/errors.ts',
    'src/harmless.ts',
    'src/nearest.ts',
    'src/flag-name.ts',
    'src/ports.ts',
    'src/marks.ts',
    'src/system-error.ts',
    'package.json',
  ],
  'src/repo': ['src', 'test'],
};

/** Packages that one place alone may use, with the reason in DESIGN: effects and heavy libraries stay at the edges. */
const onlyIn: Record<string, readonly string[]> = {
  commander: ['src/cli'],
  inquirer: ['src/cli'],
  chalk: ['src/cli', 'src/check/report/terminal'],
  handlebars: ['src/generate/render', 'src/repo'],
  execa: ['src/generate/tools'],
  '@bufbuild/protobuf': ['src/generate/contracts/protobuf'],
  '@kubernetes/client-node': ['src/check/sources/cluster'],
};

const within = (path: string, place: string): boolean =>
  path === place || path.startsWith(`${place}/`) || (place.includes('terminal') && path.startsWith(place));

// The longest matching place wins: src/check/contract.ts before src/check.
const placeOf = (file: string): string | undefined =>
  Object.keys(mayImport)
    .filter((place) => within(file, place))
    .sort((a, b) => b.length - a.length)[0];

const sources = filesBelow('src').filter((file) => file.endsWith('.ts'));
const imports = sources.flatMap(importsOf);
const where = ({ from, line, to }: Import): string => `${from}:${line} imports ${to}`;

test('imports were found at all', () => {
  expect(imports.length).toBeGreaterThan(sources.length);
});

test('every source file has a place', () => {
  expect(sources.filter((file) => placeOf(file) === undefined)).toEqual([]);
});

test('arrows go one way', () => {
  const wrong = imports.filter(({ from, to }) => {
    if (!to.startsWith('src/') && to !== 'package.json') return false;
    const place = placeOf(from);
    return place !== undefined && !within(to, place) && !mayImport[place]?.some((allowed) => within(to, allowed));
  });
  expect(wrong.map(where)).toEqual([]);
});

test('a package is used only in the place that owns it', () => {
  const wrong = imports.filter(({ from, to }) => {
    const places = onlyIn[to];
    return places !== undefined && !places.some((place) => within(from, place));
  });
  expect(wrong.map(where)).toEqual([]);
});

test('only the command line prints, exits or reads the process', async () => {
  const { readFileSync } = await import('node:fs');
  const outside = sources.filter((file) => !within(file, 'src/cli') && !within(file, 'src/repo'));
  const wrong = outside.filter((file) =>
    /\bconsole\.|\bprocess\.(exit|stdout|stderr|argv|env)\b/.test(readFileSync(file, 'utf8')),
  );
  expect(wrong).toEqual([]);
});

test('no circle of imports, of types neither', () => {
  const graph = new Map<string, string[]>();
  for (const { from, to, lazy } of imports) {
    if (!lazy) graph.set(from, [...(graph.get(from) ?? []), to]);
  }
  const cycles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: string[]): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  expect(cycles).toEqual([]);
});
