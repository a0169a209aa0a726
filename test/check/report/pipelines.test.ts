import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import type { CheckRun } from '../../../src/check/contract.ts';
import { exitCode } from '../../../src/check/findings/exit-code.ts';
import { github } from '../../../src/check/report/github.ts';
import { renderHtml } from '../../../src/check/report/html/html.ts';
import { junit } from '../../../src/check/report/junit.ts';
import { renderMarkdown } from '../../../src/check/report/markdown.ts';
import { openmetrics } from '../../../src/check/report/openmetrics.ts';
import { sarif } from '../../../src/check/report/sarif.ts';
import { renderTerminal } from '../../../src/check/report/terminal.ts';
import { runChecks } from '../../../src/check/run-checks.ts';
import { check, folderOf, reports } from '../repository/support/check.ts';
import { objectsIn, readFixture, snapshotOf } from '../support/fixture.ts';
import { serviceOf, workload } from '../support/shop-objects.ts';

const waivers = [{ check: 'health-checks', name: 'admin', why: 'replaced <soon> & "gone"', source: 'w' }];
const run: CheckRun = runChecks(readFixture('test/check/systems/demo.yaml'), {
  startedAt: '2026-01-01T00:00:00.000Z',
  today: '2026-01-01',
  waivers,
});
const open = run.results
  .filter(({ subject }) => subject.kind !== 'Cluster')
  .flatMap((result) => result.findings.map((finding) => ({ result, finding })))
  .filter(({ finding }) => !finding.waived);
const hostile = '\u001b[31m\u202e<script>&"\u0007\ud800\ufffe';
/** The same with a name and messages that somebody chose to break reports. */
const broken: CheckRun = {
  ...run,
  results: run.results.map((result) => ({
    ...result,
    message: hostile,
    subject: { ...result.subject, name: `${result.subject.name}${hostile}` },
    findings: result.findings.map((finding) => ({ ...finding, message: hostile, fix: `${hostile}\n]]>` })),
  })),
};

interface Sarif {
  runs: {
    tool: { driver: { rules: { id: string }[] } };
    automationDetails: { id: string };
    invocations: { toolExecutionNotifications?: { message: { text: string } }[] }[];
    results: {
      ruleId: string;
      ruleIndex: number;
      level: string;
      message: { text: string };
      partialFingerprints: Record<string, string>;
      locations: {
        physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } };
        logicalLocations: { fullyQualifiedName: string }[];
      }[];
    }[];
  }[];
}
const parsed = (...runs: CheckRun[]): Sarif => JSON.parse(sarif(runs));

describe('SARIF', () => {
  const [log] = parsed(run).runs;

  test('holds fails and warnings that nobody waived, the fails first, each with its rule', () => {
    const alerts = open.filter(({ finding }) => finding.status === 'fail' || finding.status === 'warn');
    expect(log?.results.map(({ partialFingerprints }) => Object.values(partialFingerprints)[0]).sort()).toEqual(
      alerts.map(({ finding }) => finding.id).sort(),
    );
    const levels = log?.results.map(({ level }) => level) ?? [];
    expect(levels.lastIndexOf('error')).toBeLessThan(levels.indexOf('warning'));
    for (const { ruleId, ruleIndex } of log?.results ?? []) expect(log?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  });

  test('what code scanning asks of each: a place, a line from 1, a text, a fingerprint that stays', () => {
    for (const { locations, message, partialFingerprints } of log?.results ?? []) {
      const [{ physicalLocation } = { physicalLocation: undefined }] = locations;
      expect(physicalLocation?.artifactLocation.uri).toMatch(/^cluster\/[a-z0-9/.-]+\.yaml$/);
      expect(physicalLocation?.region.startLine).toBe(1);
      expect(message.text).not.toBe('');
      expect(Object.keys(partialFingerprints)).toEqual(['msvcFinding/v1']);
    }
    const again = parsed({ ...run, startedAt: '2027-01-01T00:00:00.000Z' }).runs[0];
    expect(again?.results).toEqual(log?.results);
  });

  test('takes no more than 5,000, and says how many it left out', () => {
    const [first] = open.filter(({ finding }) => finding.status === 'fail');
    if (!first) throw new Error('no finding');
    const many = Array.from({ length: 5001 }, (_, index) => ({ ...first.finding, id: `it/${index}` }));
    const [large] = parsed({ ...run, results: [{ ...first.result, findings: many }] }).runs;
    expect(large?.results).toHaveLength(5000);
    expect(large?.invocations[0]?.toolExecutionNotifications?.[0]?.message.text).toContain('1 more');
  });

  test('has file and line of what came from files, and a category for each environment', async () => {
    const app = workload('a', '{ name: a, image: shop/a }') + serviceOf('a');
    const runs = await reports([folderOf({ 'dev/my app.yaml': app, 'prod/a.yaml': app })]);
    const log = parsed(...runs.values());
    expect(log.runs.map(({ automationDetails }) => automationDetails.id)).toEqual(['msvc/dev/', 'msvc/prod/']);
    const { artifactLocation, region } = log.runs[0]?.results[0]?.locations[0]?.physicalLocation ?? {};
    expect(artifactLocation?.uri).toBe('dev/my%20app.yaml');
    expect(region?.startLine).toBeGreaterThan(1);
  });

  test('hostile text stays text', () => {
    const texts: string[] = [];
    JSON.parse(sarif([broken]), (_, value) => (typeof value === 'string' ? texts.push(value) : value));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
    expect(texts.filter((text) => /[\u0000-\u0008\u000b-\u001f\u202e]/.test(text))).toEqual([]);
    const named = run.results.map((result) => ({
      ...result,
      findings: result.findings.map((finding) => ({ ...finding, evidence: [{ object: hostile, file: hostile }] })),
    }));
    expect(() => sarif([{ ...broken, results: named }])).not.toThrow();
  });
});

describe('JUnit', () => {
  const text = junit([run], 'fail');
  const count = (pattern: RegExp, of = text): number => [...of.matchAll(pattern)].length;

  test('a suite a check, a case a service', () => {
    expect(count(/<testsuite /g)).toBe(run.summary.items.length);
    expect(count(/<testcase /g)).toBe(run.results.filter(({ subject }) => subject.kind !== 'Cluster').length);
    expect(text).toContain('<testcase classname="shop.orders" name="health-checks"');
  });

  test.each(['fail', 'warn', 'never'] as const)('fails exactly where --fail-on %s exits 1', (failOn) => {
    for (const result of run.results.filter(({ subject }) => subject.kind !== 'Cluster')) {
      const alone = { ...run, results: [result], summary: { ...run.summary, coverage: 100 } };
      expect(count(/<failure /g, junit([alone], failOn)) > 0, `${result.check} ${result.subject.name}`).toBe(
        exitCode(alone, failOn, 0) === 1,
      );
    }
  });

  test('what was not decided, does not apply or was waived is skipped, with the reason', () => {
    expect(text).toMatch(/<skipped message="unknown: [A-Z_]+: /);
    expect(text).toMatch(/<skipped message="does not apply: [A-Z_]+: /);
    expect(text).toContain('<skipped message="waived: replaced &#60;soon&#62; &#38; &#34;gone&#34;"/>');
  });

  test('counts are those of what it holds', () => {
    const [, tests, failures] = /<testsuites name="msvc" tests="(\d+)" failures="(\d+)"/.exec(text) ?? [];
    expect([Number(tests), Number(failures)]).toEqual([count(/<testcase /g), count(/<failure /g)]);
  });

  // What the schema of Jenkins' xUnit plugin takes, which is the strictest of those that CI servers check against.
  test('holds elements in the order, and with the attributes, that CI servers take', () => {
    const allowed: Record<string, { in: string; attributes: string[]; required: string[] }> = {
      testsuites: { in: '', attributes: ['name', 'tests', 'failures', 'errors', 'disabled', 'time'], required: [] },
      testsuite: {
        in: 'testsuites',
        attributes: [
          'name',
          'tests',
          'failures',
          'errors',
          'skipped',
          'time',
          'timestamp',
          'hostname',
          'id',
          'package',
        ],
        required: ['name', 'tests'],
      },
      properties: { in: 'testsuite', attributes: [], required: [] },
      property: { in: 'properties', attributes: ['name', 'value'], required: ['name', 'value'] },
      testcase: {
        in: 'testsuite',
        attributes: ['name', 'classname', 'time', 'status', 'assertions'],
        required: ['name', 'classname'],
      },
      failure: { in: 'testcase', attributes: ['type', 'message'], required: [] },
      skipped: { in: 'testcase', attributes: ['message'], required: [] },
    };
    for (const xml of [text, junit([run, run], 'warn'), junit([broken], 'never')]) {
      const open: string[] = [''];
      const before: string[] = [];
      for (const [, end, name = '', given = '', closed] of xml.matchAll(
        /<(\/?)([a-z]+)((?: [a-z]+="[^"]*")*)(\/?)>/g,
      )) {
        if (end) {
          expect(open.pop()).toBe(name);
          before.push(name);
          continue;
        }
        const rule = allowed[name];
        expect(rule?.in, name).toBe(open.at(-1));
        const attributes = [...given.matchAll(/ ([a-z]+)=/g)].map(([, key = '']) => key);
        expect(attributes.filter((key) => !rule?.attributes.includes(key))).toEqual([]);
        expect(rule?.required.filter((key) => !attributes.includes(key))).toEqual([]);
        expect(new Set(attributes).size).toBe(attributes.length);
        // Properties stand before the first case.
        if (name === 'properties') expect(before.at(-1) ?? 'testsuite').toBe('testsuite');
        for (const [, key, value = ''] of given.matchAll(/ ([a-z]+)="([^"]*)"/g)) {
          if (['tests', 'failures', 'errors', 'skipped'].includes(key ?? '')) expect(value).toMatch(/^\d+$/);
          if (key === 'time') expect(value).toMatch(/^\d+(\.\d+)?$/);
          if (key === 'timestamp') expect(value).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
        }
        if (closed) before.push(name);
        else open.push(name);
      }
      expect(open).toEqual(['']);
    }
  });

  test('hostile text is XML all the same', () => {
    const xml = junit([broken], 'warn');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no place for these
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|<script|]]>/);
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(new TextEncoder().encode(xml))).not.toThrow();
    expect(count(/<(testcase|failure|skipped|testsuite|testsuites)\b/g, xml)).toBeGreaterThan(50);
    expect(
      xml.replace(
        /<\?xml.*\?>|<\/?(testsuites|testsuite|properties|property|testcase|failure|skipped)( [a-z]+="[^"<&]*(&#\d+;[^"<&]*)*")*\/?>/g,
        '',
      ),
    ).not.toContain('<');
  });
});

describe('OpenMetrics', () => {
  const lines = openmetrics([run]).trimEnd().split('\n');
  const samples = lines.filter((line) => !line.startsWith('#'));

  test('is an exposition: families together, labels quoted, an end', () => {
    expect(lines.at(-1)).toBe('# EOF');
    for (const sample of samples) expect(sample).toMatch(/^msvc_check_[a-z_]+\{([a-z]+="[^"\n]*",?)*\} [\d.]+$/);
    const families = samples.map((sample) => sample.split('{')[0]);
    expect(families.filter((name, index) => name !== families[index - 1])).toEqual([...new Set(families)]);
    expect(new Set(samples.map((sample) => sample.split('} ')[0])).size).toBe(samples.length);
  });

  test('counts cells by namespace, check and verdict, and what is nothing is 0', () => {
    const item = run.summary.items.find((one) => one.check === 'health-checks');
    for (const status of ['pass', 'warn', 'fail', 'unknown', 'n-a'] as const)
      expect(samples).toContain(
        `msvc_check_cells{context="fixture",namespace="shop",check="health-checks",status="${status}"} ${item?.[status]}`,
      );
  });

  test('what has no value has no sample', () => {
    const without = openmetrics([{ ...run, startedAt: '', summary: { ...run.summary, score: null } }]);
    expect(without).not.toMatch(/^msvc_check_(score_ratio|run_timestamp_seconds)\{/m);
    expect(without).toMatch(/^msvc_check_coverage_ratio\{/m);
  });

  test('hostile names stay within their quotes', () => {
    const named = { ...run, source: { ...run.source, context: 'a"b\\c\nd\u001b' } };
    expect(openmetrics([named])).toContain('context="a\\"b\\\\c\\nd\\\\x1b"');
  });
});

test('each is an output, of a cluster and of a repository', async () => {
  const folder = folderOf({ 'a.yaml': workload('a', '{ name: a, image: shop/a }') + serviceOf('a') });
  for (const [format, start] of [
    ['sarif', '{\n  "$schema"'],
    ['junit', '<?xml'],
    ['openmetrics', '# TYPE'],
  ] as const)
    expect((await check([folder, '-o', format])).stdout.startsWith(start), format).toBe(true);
  expect(parseDocument(sarif([run])).errors).toEqual([]);
});

describe('how services talk', () => {
  const line = /async-communication: \d+(\.\d)? % of \d+ connections go through a broker/;

  test.each([
    ['sarif', sarif([run])],
    ['junit', junit([run], 'fail')],
    ['github', [...github(run)].join('').replaceAll('%25', '%')],
    ['terminal', renderTerminal(run, { columns: 200, color: false })],
    ['markdown', renderMarkdown(run)],
    ['html', [...renderHtml(run)].join('')],
  ])('is told in %s', (_, text) => {
    expect(text).toMatch(line);
    expect(text).toMatch(/longest chain of waiting calls: \d+ \(\w+ → \w+/);
  });

  test('is a number in OpenMetrics', () => {
    expect(openmetrics([run])).toMatch(/^msvc_check_connections\{context="fixture",style="async"\} [1-9]/m);
    expect(openmetrics([run])).toMatch(/^msvc_check_longest_chain\{context="fixture"\} [1-9]/m);
  });

  test('is not told where nobody is seen to talk', () => {
    const silent = { ...run, graph: { ...run.graph, communication: { sync: 0, async: 0, longestChain: [] } } };
    for (const text of [renderMarkdown(silent), junit([silent], 'fail'), [...github(silent)].join('')])
      expect(text).not.toContain('async-communication');
  });
});

describe('a practice that nothing shows', () => {
  const plain = runChecks(
    snapshotOf(objectsIn(workload('it', '{ name: it, image: "shop/it:1" }') + serviceOf('it')).objects),
    {
      startedAt: '2026-01-01T00:00:00.000Z',
      today: '2026-01-01',
    },
  );
  const delivered = (name: string): string =>
    workload(name, `{ name: ${name}, image: "shop/${name}:1" }`, {
      metadata: `, annotations: { meta.helm.sh/release-name: ${name} }`,
    }) + serviceOf(name);
  const partly = runChecks(
    snapshotOf(
      objectsIn(delivered('a') + workload('it', '{ name: it, image: "shop/it:1" }') + serviceOf('it')).objects,
    ),
    { startedAt: '2026-01-01T00:00:00.000Z', today: '2026-01-01' },
  );

  test('has no cell, no column and no part in any count', () => {
    expect(plain.notShown?.map(({ check, services }) => ({ check, services }))).toContainEqual({
      check: 'independent-delivery',
      services: 1,
    });
    expect(plain.results.filter(({ check }) => check === 'independent-delivery')).toEqual([]);
    expect(plain.summary.items.map(({ check }) => check)).not.toContain('independent-delivery');
  });

  test.each([
    ['terminal', (run: CheckRun) => renderTerminal(run, { columns: 200, color: false })],
    ['markdown', renderMarkdown],
    ['html', (run: CheckRun) => [...renderHtml(run)].join('')],
    ['junit', (run: CheckRun) => junit([run], 'fail')],
    ['sarif', (run: CheckRun) => sarif([run])],
  ])('is told in %s', (_, render) => {
    expect(render(plain)).toMatch(/not looked at.*independent-delivery: shown by Argo CD/is);
    expect(render(partly)).toMatch(/independent-delivery \(1 of 2 services\): shown by/);
  });

  test('is counted in OpenMetrics', () => {
    expect(openmetrics([plain])).toContain('msvc_check_not_shown{context="fixture",check="independent-delivery"} 1');
  });

  test('of one service and not of another is a gap in its column', () => {
    expect(
      partly.results.flatMap(({ check, subject }) => (check === 'independent-delivery' ? subject.name : [])),
    ).toEqual(['a', 'fixture']);
    expect(renderMarkdown(partly)).toMatch(/\| it \| .+ \| {2}\|$/m);
  });
});
