import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atMost, type Bench, median, type Row } from './bench.ts';
import { type Command, ratios, timeInTurn } from './time-commands.ts';

const root = new URL('../..', import.meta.url).pathname;
const rounds = 7;
/** Manifests of a system that is known for its size (train-ticket). */
const manifests = 64;
const services = 300;

export const bench: Bench = {
  id: 'check',
  title: 'Checking a repository, and writing its page',
  subject: 'tool',
  how: 'Whole processes over made manifests, one service a file: a Deployment with probes, settings that lead to four others and to a store, and a Service. Beside a process that only parses the same files, and beside the same run that writes JSON; medians of the ratios of each round.',
  async run(tell) {
    const folder = mkdtempSync(join(tmpdir(), 'msvc-bench-check-'));
    try {
      const few = write(join(folder, 'few'), manifests);
      const many = write(join(folder, 'many'), services);
      return measure(few, many, join(folder, 'report'), tell);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** The folder that holds them. */
function write(folder: string, count: number): string {
  mkdirSync(folder);
  for (let index = 0; index < count; index += 1)
    writeFileSync(join(folder, `${nameOf(index)}.yaml`), manifestOf(index, count));
  writeFileSync(join(folder, 'db.yaml'), manifestOf(-1, count).replace('shop/db:1.2.3', 'postgres:18.1'));
  return folder;
}

const nameOf = (index: number): string => (index < 0 ? 'db' : `service-${index}`);

function manifestOf(index: number, count: number): string {
  const name = nameOf(index);
  const port = index < 0 ? 5432 : 8080;
  const others = index < 0 ? [] : [1, 2, 3, 4].map((step) => index + step).filter((other) => other < count);
  const probe = (path: string) => `{ httpGet: { path: ${path}, port: ${port} } }`;
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, labels: { app: ${name}, app.kubernetes.io/part-of: shop } }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: ${name}
          image: shop/${name}:1.2.3
          ports: [{ containerPort: ${port} }]
          env:
            - { name: LOG_LEVEL, value: info }
${others.map((other) => `            - { name: SERVICE_${other}_URL, value: "http://${nameOf(other)}:${port}" }\n`).join('')}            - { name: DATABASE_URL, value: "postgres://db:5432/${name}" }
          readinessProbe: ${probe('/health/ready')}
          livenessProbe: ${probe('/health/live')}
          resources: { requests: { cpu: 100m, memory: 128Mi } }
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ port: ${port} }] }
`;
}

function measure(few: string, many: string, report: string, tell: (line: string) => void): Row[] {
  const check = (folder: string, format: string): Command => ({
    file: process.execPath,
    args: [join(root, 'bin/msvc.js'), 'check', folder, '--fail-on', 'never', '-o', `${format}=${report}.${format}`],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const bare: Command = { file: process.execPath, args: [join(root, 'test/bench/bare-yaml.mjs'), few] };
  tell(`judging, ${rounds} rounds`);
  const [judged = [], parsed = [], html = [], json = []] = timeInTurn(
    [check(few, 'json'), bare, check(many, 'html'), check(many, 'json')],
    rounds,
  );
  const megabytes = statSync(`${report}.html`).size / 1e6;
  const seconds = (times: number[]) => `${(median(times) / 1000).toFixed(2)} s`;
  return [
    atMost(`\`msvc check\` on ${manifests} manifests, against parsing them`, 3, ratios(judged, parsed)),
    { what: 'for scale: both here', result: `${seconds(judged)} and ${seconds(parsed)}` },
    atMost(`a page of ${services} services, against the same run that writes JSON`, 2, ratios(html, json)),
    { what: 'for scale: both here', result: `${seconds(html)} and ${seconds(json)}` },
    {
      what: 'size of that page',
      result: `${megabytes.toFixed(1)} MB`,
      target: '≤ 3 MB',
      met: megabytes <= 3,
    },
  ];
}
