import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { offeredFeatures } from '../../src/cli/templates/offered-features.ts';
import { precompileTemplates, readTemplates } from '../../src/generate/files/read-templates.ts';
import { whyNoAnswer } from '../../src/generate/inputs/answers.ts';
import { withInstance } from '../../src/generate/inputs/change-record.ts';
import { closeOverRequired } from '../../src/generate/inputs/features.ts';
import { newRecord } from '../../src/generate/inputs/new-record.ts';
import type { FeatureManifest, Question } from '../../src/generate/manifest.ts';
import type { Answers, ServiceRecord } from '../../src/generate/record.ts';
import { renderTree } from '../../src/generate/render/render-tree.ts';
import type { RenderedTree } from '../../src/generate/render/rendered.ts';
import type { TemplateSet } from '../../src/generate/render/template-set.ts';
import { scratchFolder } from './support/scratch.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

let templates: TemplateSet;
let manifests: FeatureManifest[];

// A copy, so that an edit while the tests run does not change the templates between two readings.
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'msvc-templates-'));
  await cp(join(root, 'templates'), copy, { recursive: true });
  templates = await readTemplates(copy, '1.0.0');
  manifests = templates.features.map(({ manifest }) => manifest);
});

afterAll(() => rm(copy, { recursive: true, force: true }));

/** An answer that the question takes: a new one that takes none of these needs a line here. */
function answerTo(question: Question, turn: number): Answers[string] {
  const choices = (question.choices ?? []).filter(({ planned }) => !planned).map(({ value }) => value);
  const candidates: Answers[string][] = [
    ...choices.slice(turn % Math.max(1, choices.length)),
    ['reserve-stock', 'charge-card'],
    ['ItemAdded', 'OrderSubmitted'],
    turn % 2 === 0,
    'something',
    ...(question.default === undefined ? [] : [question.default]),
  ];
  const answer = candidates.find((candidate) => whyNoAnswer(question, candidate) === undefined);
  if (answer === undefined) throw new Error(`no answer to ${question.name}`);
  return answer;
}

/** A service with these features, two instances of each kind (one more where each contract makes another), and a description that tries the quoting. */
function serviceWith(ids: readonly string[]): ServiceRecord {
  const features = Object.fromEntries(ids.map((id) => [id, {}]));
  const description = "Takes 'orders': #1 & <more> {{of}} them, 100 %";
  const wanted = { name: 'order-service', description, packageManager: 'npm', features } as const;
  let record = newRecord(wanted, templates.version, manifests);
  for (const { id, instances } of manifests) {
    if (!instances || !ids.includes(id)) continue;
    const kinds = instances.questions.find(({ kind }) => kind === 'contract')?.choices?.length ?? 0;
    for (const turn of kinds > 0 ? Array(kinds + 1).keys() : [0, 1]) {
      const name = instances.naming === 'dotted' ? `orders.event-${turn}` : `${instances.noun}-${turn}`;
      const questions = instances.questions.filter(({ kind }) => kind !== 'contract' || turn < kinds);
      const answers = Object.fromEntries(questions.map((question) => [question.name, answerTo(question, turn)]));
      record = withInstance(record, instances.kind, { ...answers, name }, manifests);
    }
  }
  return record;
}

/** What the first clients are made from. */
const contracts = {
  texts: new Map([
    [
      'client-0',
      JSON.stringify({ openapi: '3.1.0', paths: { '/': { get: { responses: { 204: { description: 'there' } } } } } }),
    ],
    ['client-1', 'syntax = "proto3"; package peer.v1; message A {} service PeerService { rpc Ask(A) returns (A); }'],
  ]),
  imports: new Map(),
};

/** Every set of features that a service can have, with what each requires. */
function allSubsets(): string[][] {
  // What nobody can ask for comes with what brings it.
  const ids = offeredFeatures.map(({ id }) => id);
  const subsets = new Map<string, string[]>();
  for (let bits = 0; bits < 2 ** ids.length; bits += 1) {
    try {
      const closed = closeOverRequired(
        ids.filter((_, index) => bits & (1 << index)),
        manifests,
      );
      subsets.set(closed.join(), closed);
    } catch {
      // They exclude each other.
    }
  }
  return [...subsets.values()];
}

function complaintsAbout(path: string, content: string): string[] {
  const complaints: string[] = [];
  if (content.includes('\r')) complaints.push('has carriage returns');
  if (content !== '' && !content.endsWith('\n')) complaints.push('does not end with a line break');
  // GitHub's own expressions look alike, and the description has braces on purpose.
  if (/(?<!\$)\{\{(?!of\}\})/.test(content)) complaints.push('has a placeholder that was not rendered');
  try {
    if (path.endsWith('.json') && !path.includes('tsconfig')) JSON.parse(content);
    if (/\.ya?ml$/.test(path))
      for (const { errors } of parseAllDocuments(content)) for (const error of errors) throw error;
  } catch (error) {
    complaints.push(String(error));
  }
  return complaints.map((complaint) => `${path}: ${complaint}`);
}

const contents = (tree: RenderedTree): Record<string, object> => Object.fromEntries(tree);

describe('the templates of this repository', () => {
  test('render for every set of features, each file well-formed', async () => {
    const subsets = allSubsets();
    expect(subsets.length).toBeGreaterThan(manifests.length);
    // Most files are the same in most services.
    const seen = new Set<string>();
    for (const ids of subsets) {
      const tree = await renderTree(serviceWith(ids), templates, contracts);
      const fresh = [...tree].filter(([path, { content }]) => {
        const known = seen.size;
        return seen.add(`${path}\n${content}`).size > known;
      });
      const complaints = fresh.flatMap(([path, { content }]) => complaintsAbout(path, content));
      expect(complaints, `with ${ids.join(', ') || 'nothing'}`).toEqual([]);
    }
  });

  // No script runs while package.json is in conflict; npm links the programs of a workspace's members at its root alone.
  test.each([
    ['npm', undefined, '`node_modules/.bin/msvc resolve`'],
    ['pnpm', '.', '`node_modules/.bin/msvc resolve`'],
    ['npm', '.', '`../../node_modules/.bin/msvc resolve`'],
    ['npm', 'services', '`../node_modules/.bin/msvc resolve`'],
  ] as const)(
    'say where msvc lies where %s installed it, for a workspace at %s',
    async (packageManager, workspace, path) => {
      const fresh = newRecord({ name: 'orders', packageManager, features: {} }, '1.0.0', manifests);
      const record = workspace ? { ...fresh, repository: { folder: 'services/orders', workspace } } : fresh;
      const tree = await renderTree(record, { ...templates, published: true });
      expect(tree.get('README.md')?.content).toContain(path);
    },
  );

  test('give the same bytes precompiled', async () => {
    const folder = await scratchFolder();
    const outfile = join(folder, 'templates.mjs');
    const { module, packed } = await precompileTemplates(copy, { version: '1.0.0' });
    await writeFile(join(folder, 'templates.json'), packed);
    await build({
      stdin: { contents: module, resolveDir: root },
      outfile,
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'esm',
    });
    const precompiled = ((await import(pathToFileURL(outfile).href)) as { default: TemplateSet }).default;
    expect(precompiled.features.map(({ manifest }) => manifest)).toEqual(manifests);
    expect(precompiled.presets).toEqual(templates.presets);
    for (const ids of [[], manifests.map(({ id }) => id)]) {
      const record = serviceWith(ids);
      expect(contents(await renderTree(record, precompiled, contracts))).toEqual(
        contents(await renderTree(record, templates, contracts)),
      );
    }
  });
});
