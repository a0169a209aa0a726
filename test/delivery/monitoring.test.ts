import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { build, one, withoutKubectl } from './support/kustomize.ts';
import { promtool, withoutPromtool } from './support/promtool.ts';
import { inFolder, platformFiles, serviceFiles } from './support/render-service.ts';

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string; runbook: string };
}
interface Metric {
  labels: readonly string[];
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const platform = platformFiles();
const fileOf = async (name: string): Promise<string> => (await platform).get(`monitoring/${name}`) ?? '';
const ruleFile = async (): Promise<{ groups: { rules: Rule[] }[] }> => parse(await fileOf('alerts.yaml')).spec;
const rulesOf = async (): Promise<Rule[]> => (await ruleFile()).groups.flatMap(({ rules }) => rules);

/** The queries of the dashboard, with what Grafana would put in. */
async function queries(): Promise<string[]> {
  const { panels } = JSON.parse(await fileOf('dashboard.json'));
  return panels.flatMap(({ targets = [] }: { targets?: { expr: string }[] }) =>
    targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$(namespace|job)/g, 'x')),
  );
}

/** What the generated code tells Prometheus, by name; those of Node itself have no labels that are used here. */
async function definedMetrics(): Promise<Map<string, Metric>> {
  const found = new Map<string, Metric>([
    ['nodejs_eventloop_lag_p99_seconds', { labels: [] }],
    ['process_resident_memory_bytes', { labels: [] }],
  ]);
  const definition =
    /new (Counter|Gauge|Histogram)\(\{\s*name: ['`]([\w${}]+)['`],(?:[^}]|\$\{\w+\})*?(?:labelNames: \[([^\]]*)\]|registers)/g;
  const protocol = /\$\{protocol\}/;
  const templates = path('../../templates');
  for (const file of await readdir(templates, { recursive: true })) {
    if (!/\.ts(\.hbs)?$/.test(file)) continue;
    const content = await readFile(join(templates, file), 'utf8');
    for (const [, name = ''] of content.matchAll(/\bsingle\(\s*'(\w+)'/g)) found.set(name, { labels: [] });
    for (const [, kind, name = '', list = ''] of content.matchAll(definition)) {
      const labels = [...list.matchAll(/\w+/g)].map(([label]) => label);
      // Clients of both protocols tell the same, each under its own names.
      const full = protocol.test(name) ? ['http', 'rpc'].map((each) => name.replace(protocol, each)) : [name];
      const ends = kind === 'Histogram' ? ['_bucket', '_count', '_sum'] : [''];
      for (const each of full.flatMap((begin) => ends.map((end) => begin + end)))
        found.set(each, { labels: kind === 'Histogram' ? [...labels, 'le'] : labels });
    }
  }
  return found;
}

describe('what is asked of Prometheus', () => {
  test('every metric is one that a generated service has, with the labels that are asked for', async () => {
    const defined = await definedMetrics();
    // What Prometheus adds to everything that a ServiceMonitor finds.
    const added = new Set(['namespace', 'job', 'pod']);
    const asked = [...(await queries()), ...(await rulesOf()).map(({ expr }) => expr)];
    expect(asked.length).toBeGreaterThan(25);
    for (const expr of asked) {
      const bare = expr.replaceAll(/"[^"]*"/g, '""');
      const names = [...bare.matchAll(/\b[a-z]+_[a-z_0-9]+(?=[{[)\s]|$)/g)]
        .map(([name]) => name)
        .filter((name) => /^(http|nodejs|process|postgres|events|saga|projection)_/.test(name))
        .filter((name) => !/^http_(route|request_method|response_status_code)$/.test(name));
      expect(names, expr).not.toEqual([]);
      for (const name of names) expect([...defined.keys()], expr).toContain(name);
      const labels = [
        ...[...bare.matchAll(/(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = '']) =>
          list.split(',').map((l) => l.trim()),
        ),
        ...[...bare.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*""/g)].map(([, label = '']) => label),
      ];
      const known = new Set([...added, ...names.flatMap((name) => defined.get(name)?.labels ?? [])]);
      for (const label of labels) expect([...known], expr).toContain(label);
    }
  });

  test('every alert has its page and every page its alert', async () => {
    const pages = (await rulesOf()).map(({ annotations }) => annotations.runbook);
    const files = [...(await platform).keys()].filter((file) => file.startsWith('monitoring/runbooks/'));
    expect(pages.toSorted()).toEqual(files.toSorted());
    for (const { alert, annotations } of await rulesOf()) {
      const page = (await platform).get(annotations.runbook) ?? '';
      expect(page).toMatch(new RegExp(`^# ${alert}\n`));
      for (const part of ['**Look**', '**Do**']) expect(page).toContain(part);
    }
  });
});

describe.skipIf(withoutPromtool)('asked of Prometheus itself', () => {
  test('the queries of the dashboard are such as it can read', async () => {
    const rules = (await queries()).map((expr, index) => ({ record: `query:number_${index}`, expr }));
    const folder = await inFolder(new Map([['rules.yaml', stringify({ groups: [{ name: 'dashboard', rules }] })]]));
    expect(promtool(['check', 'rules', `${folder}/rules.yaml`])).toContain(`${rules.length} rules found`);
  });

  test('each alert comes when it must, and only then', async () => {
    const cases = await readFile(path('alerts.yaml'), 'utf8');
    const folder = await inFolder(
      new Map([
        ['rules.yaml', stringify(await ruleFile())],
        ['cases.yaml', cases],
      ]),
    );
    promtool(['check', 'rules', `${folder}/rules.yaml`]);
    promtool(['test', 'rules', `${folder}/cases.yaml`]);
    const come = parse(cases).tests.flatMap((each: { alert_rule_test: { alertname: string; exp_alerts: [] }[] }) =>
      each.alert_rule_test.filter(({ exp_alerts }) => exp_alerts.length > 0).map(({ alertname }) => alertname),
    );
    expect([...new Set(come)].toSorted()).toEqual((await rulesOf()).map(({ alert }) => alert).toSorted());
  });
});

describe.skipIf(withoutKubectl)('built by kustomize', () => {
  test('what goes to the cluster are the alerts and the dashboard', async () => {
    const objects = build(`${await inFolder(await platform)}/monitoring`);
    expect(one(objects, 'PrometheusRule').metadata.namespace).toBe('observability');
    const { metadata, data } = one(objects, 'ConfigMap');
    expect(metadata.labels).toMatchObject({ grafana_dashboard: '1' });
    expect(JSON.parse(data['services.json']).title).toBe('Services');
  });

  test('a service that wants it gets a ServiceMonitor that finds its Service and the port with the metrics', async () => {
    const files = new Map(await serviceFiles('order-service'));
    const overlay = 'deploy/overlays/production/kustomization.yaml';
    const chosen = (files.get(overlay) ?? '').replace(
      /# components:\n# {3}- \.\.\/\.\.\/exposed\n#/,
      'components:\n#   - ../../exposed\n',
    );
    expect(build(`${await inFolder(files)}/deploy/overlays/production`).map(({ kind }) => kind)).not.toContain(
      'ServiceMonitor',
    );
    const objects = build(`${await inFolder(files.set(overlay, chosen))}/deploy/overlays/production`);
    const [monitor, service] = [one(objects, 'ServiceMonitor'), one(objects, 'Service')];
    expect(service.metadata.labels).toMatchObject(monitor.spec.selector.matchLabels);
    expect(service.spec.ports.map(({ name }: { name: string }) => name)).toContain(monitor.spec.endpoints[0].port);
  });
});
