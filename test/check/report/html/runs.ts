import { runChecks } from '../../../../src/check/run-checks.ts';
import { demoSnapshot } from '../../../../src/check/sources/recording/demo.ts';
import type { KubeObject } from '../../../../src/check/sources/snapshot.ts';
import { snapshotOf } from '../../support/fixture.ts';

const when = { startedAt: '2026-01-01T12:00:00.000Z', today: '2026-01-01' };

export const demo = () => runChecks(demoSnapshot(), when);

/** A made system: services in a dozen namespaces, each calling three others, some with a store. */
export function system(size: number) {
  const place = (index: number) => ({ name: `service-${index}`, namespace: `team-${index % 12}` });
  const objects = Array.from({ length: size }, (_, index): KubeObject[] => {
    const { name, namespace } = place(index);
    const labels = { app: name };
    const env = [index + 1, index * 7 + 3, index * 13 + 5].map((target, number) => {
      const to = place(target % size);
      return { name: `TARGET_${number}_URL`, value: `http://${to.name}.${to.namespace}:80` };
    });
    const container = { name, image: `team/${name}:1.0.0`, env, ports: [{ containerPort: 8080 }] };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    return [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name, namespace },
        spec: { selector: { matchLabels: labels }, template },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace },
        spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
      },
    ] as unknown as KubeObject[];
  }).flat();
  return runChecks(snapshotOf(objects), when);
}

/** The demo with every text of it replaced: what a page shows of a cluster may be anything. */
export function withTexts(replace: (text: string) => string) {
  const words = new Set([
    'check',
    'status',
    'kind',
    'outcome',
    'class',
    'style',
    'state',
    'leads',
    'schema',
    'level',
    'startedAt',
  ]);
  const walk = (value: unknown, name = ''): unknown => {
    if (typeof value === 'string') return words.has(name) ? value : replace(value);
    if (Array.isArray(value)) return value.map((item) => walk(item, name));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, key)]));
  };
  return walk(demo()) as ReturnType<typeof demo>;
}

/** Breaks out of elements, values of attributes, comments, scripts and styles, where it can. */
export const hostile = (text: string): string =>
  `${text}"'><img src=x onerror="document.title='taken'"><script>document.title='taken'</script><style>*{display:none}</style><!--\u202e&amp;\n`;
