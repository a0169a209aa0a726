import { addressesIn } from '../configuration/address.ts';
import type { CollectorConfig, Pipeline, PodsAsked, Signal } from './pipelines.ts';

/** One component of Grafana Alloy's configuration: `loki.write "store" { … }`. */
interface AlloyBlock {
  kind: string;
  label: string;
  body: string;
}

/** Longest configuration that is read. */
const limit = 512 * 1024;
const component = /(?:^|\n)[ \t]*(?:loki|otelcol|discovery|prometheus|local|remote)(?:\.\w+)+[ \t]+"\w+"[ \t]*\{/;

export const isAlloy = (text: string): boolean => text.length <= limit && component.test(text);

/** Where a text or comment that begins at an index ends; undefined where none begins there. */
function quotedEnd(text: string, index: number): number | undefined {
  const ends: Readonly<Record<string, string>> = { '`': '`', '//': '\n', '/*': '*/' };
  const two = text.slice(index, index + 2);
  const mark = two in ends ? two : (text[index] ?? '');
  if (mark === '"') {
    let end = index + 1;
    while (end < text.length && text[end] !== '"' && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
    return end;
  }
  const end = ends[mark];
  if (end === undefined) return undefined;
  const found = text.indexOf(end, index + mark.length);
  return found < 0 ? text.length : found + end.length - 1;
}

function blocksOf(text: string): AlloyBlock[] {
  const blocks: AlloyBlock[] = [];
  let depth = 0;
  let from = 0;
  let head = '';
  for (let index = 0; index < text.length; index++) {
    const end = quotedEnd(text, index);
    if (end !== undefined) index = end;
    else if (text[index] === '{') {
      if (depth === 0) {
        head = text.slice(from, index).slice(-256);
        from = index + 1;
      }
      depth++;
    } else if (text[index] === '}' && depth > 0) {
      depth--;
      if (depth > 0) continue;
      const [, kind, label = ''] = /([a-z_]\w*(?:\.\w+)*)\s*(?:"(\w*)")?\s*$/.exec(head) ?? [];
      if (kind) blocks.push({ kind, label, body: text.slice(from, index) });
      from = index + 1;
    }
  }
  return blocks;
}

const idOf = ({ kind, label }: AlloyBlock): string => `${kind}.${label}`;

/** What a component hands a signal on to: names without their last word (`receiver`, `input`). */
function nextOf({ body }: AlloyBlock, signal: Signal): string[] {
  const lists = body.matchAll(new RegExp(`(?:^|[\\s{])(?:forward_to|${signal})\\s*=\\s*\\[([^\\]]{0,4096})\\]`, 'g'));
  return [...lists].flatMap(([, list = '']) =>
    [...list.matchAll(/([a-z_]\w*(?:\.\w+)+)\.\w+/g)].map(([, name = '']) => name),
  );
}

type Leads = Pick<Pipeline['exporters'][number], 'leads' | 'host'>;

const forwards = /^otelcol\.exporter\.(loki|prometheus)$/;
const prints = /^loki\.echo$|^otelcol\.exporter\.(debug|logging|file)$/;
const isSink = ({ kind }: AlloyBlock): boolean =>
  (kind === 'loki.write' || kind === 'loki.echo' || kind.startsWith('otelcol.exporter.')) && !forwards.test(kind);

function leadsTo({ kind, body }: AlloyBlock, variables: ReadonlyMap<string, string>, resolve: Resolve): Leads {
  if (prints.test(kind)) return { leads: 'debug' };
  const filled = body.replace(/(?:sys\.)?\benv\("(\w+)"\)/g, (_, name: string) => `"${variables.get(name) ?? ''}"`);
  const values = [...filled.matchAll(/\b(?:url|endpoint|brokers|host)\s*=\s*([^\n}]{1,1024})/g)];
  const [address] = values.flatMap(([, value = '']) => addressesIn(value.trim()));
  if (address) return { leads: resolve(address.host, address.port), host: address.host };
  return { leads: 'hidden' };
}

export type Resolve = (host: string, port: number | undefined) => 'somewhere' | 'nowhere' | 'unread';

/** Every end that a signal reaches from a component; what leads into a module is not visible. */
function endsOf(
  start: AlloyBlock,
  signal: Signal,
  known: ReadonlyMap<string, AlloyBlock>,
  leads: (sink: AlloyBlock) => Leads,
): Pipeline['exporters'] {
  const found: Pipeline['exporters'] = [];
  const seen = new Set<string>();
  const open = nextOf(start, signal);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const block = known.get(name);
    if (block && isSink(block)) found.push({ name, ...leads(block) });
    else if (block && nextOf(block, signal).length > 0) open.push(...nextOf(block, signal));
    else found.push({ name, leads: 'hidden' });
  }
  return found;
}

/** Ports of a receiver of OpenTelemetry's, in Alloy's words. */
function portsOf({ kind, body }: AlloyBlock): readonly number[] | undefined {
  if (kind !== 'otelcol.receiver.otlp') return undefined;
  const ports = (['grpc', 'http'] as const).flatMap((protocol) => {
    const own = new RegExp(`(?:^|\\s)${protocol}\\s*\\{([^}]{0,2048})\\}`).exec(body)?.[1];
    if (own === undefined) return [];
    const endpoint = /endpoint\s*=\s*"[^"]{0,256}:(\d{1,5})"/.exec(own)?.[1];
    return endpoint ? [Number(endpoint)] : /endpoint\s*=/.test(own) ? [] : [protocol === 'grpc' ? 4317 : 4318];
  });
  return ports.length > 0 ? ports : undefined;
}

/** What says no more of a pod than where it runs and that it runs. */
const ofPlace = /^__meta_kubernetes_(pod_node_name|pod_phase|pod_ready|node_name)$/;

/** Whether a component keeps or drops pods, or lines by where they come from. */
function selects({ kind, body }: AlloyBlock): boolean {
  const chooses = (text: string): boolean => /\baction\s*=\s*"(keep|drop)(equal)?"/.test(text);
  if (kind === 'discovery.kubernetes')
    return [...body.matchAll(/\bselectors\s*\{([^}]{0,2048})\}/g)].some(([, own = '']) => /\blabel\s*=/.test(own));
  if (kind === 'loki.source.podlogs') return true;
  if (kind === 'loki.process') return /\bstage\.match\b/.test(body) && chooses(body);
  if (!/^(discovery|loki)\.relabel$/.test(kind)) return false;
  return body
    .split(/\brule\s*\{/)
    .slice(1)
    .some((rule) => {
      const labels = /\bsource_labels\s*=\s*\[([^\]]{0,2048})\]/.exec(rule)?.[1] ?? '';
      const names = [...labels.matchAll(/"(\w+)"/g)].map(([, name = '']) => name);
      return chooses(rule) && !(names.length > 0 && names.every((name) => ofPlace.test(name)));
    });
}

/** The components that it hands its lines on to, as far as they are known. */
function after(source: AlloyBlock, known: ReadonlyMap<string, AlloyBlock>): AlloyBlock[] {
  const found = new Set<AlloyBlock>();
  const open = nextOf(source, 'logs');
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const block = known.get(name);
    if (!block || found.has(block)) continue;
    found.add(block);
    open.push(...nextOf(block, 'logs'));
  }
  return [...found];
}

function podsAsked(source: AlloyBlock, known: ReadonlyMap<string, AlloyBlock>, ownNamespace: string): PodsAsked {
  const blocks: AlloyBlock[] = [];
  const open = [source];
  const seen = new Set<AlloyBlock>();
  for (let block = open.pop(); block; block = open.pop()) {
    if (seen.has(block)) continue;
    seen.add(block);
    blocks.push(block);
    for (const [, name = ''] of block.body.matchAll(/\b(discovery\.\w+\.\w+)\.(?:targets|output)\b/g)) {
      const next = known.get(name);
      if (next) open.push(next);
    }
  }
  const discoveries = blocks.filter(({ kind }) => kind === 'discovery.kubernetes');
  const limits = discoveries.map(({ body }) => {
    const names = /\bnames\s*=\s*\[([^\]]{0,4096})\]/.exec(body)?.[1];
    const listed = names ? [...names.matchAll(/"([\w-]+)"/g)].map(([, name = '']) => name) : [];
    return [...listed, ...(/\bown_namespace\s*=\s*true\b/.test(body) ? [ownNamespace] : [])];
  });
  const limited = limits.length > 0 && limits.every((names) => names.length > 0);
  return {
    ownNode: blocks.some(({ body }) => /spec\.nodeName|__meta_kubernetes_pod_node_name/.test(body)),
    ...(limited ? { namespaces: limits.flat() } : {}),
    chooses: [...blocks, ...after(source, known)].some(selects),
  };
}

/** Adds what an Alloy configuration says to what is known of a collector; its kinds stand in for receivers. */
export function readAlloy(
  text: string,
  {
    object,
    path,
    namespace,
    variables,
    resolve,
  }: {
    object: string;
    path: string;
    namespace: string;
    variables: ReadonlyMap<string, string>;
    resolve: Resolve;
  },
  config: CollectorConfig,
): void {
  const blocks = blocksOf(text);
  const known = new Map(blocks.map((block) => [idOf(block), block]));
  config.visible = true;
  // A module of people's own, or one that is fetched, may hold anything.
  if (blocks.some(({ kind }) => /^(import\.|declare$|remotecfg$)/.test(kind))) config.whole = false;
  for (const block of blocks) {
    if (!/^(loki\.source|otelcol\.receiver)\./.test(block.kind)) continue;
    config.ports.set(idOf(block), portsOf(block));
    if (/^loki\.source\.(kubernetes|podlogs)$/.test(block.kind))
      config.podsAsked.push(podsAsked(block, known, namespace));
    for (const signal of ['traces', 'logs'] as const) {
      const exporters = endsOf(block, signal, known, (sink) => leadsTo(sink, variables, resolve));
      if (exporters.length === 0 || (signal === 'traces' && block.kind.startsWith('loki.'))) continue;
      config.pipelines[signal].push({ object, path: `${path} ${idOf(block)}`, receivers: [idOf(block)], exporters });
    }
  }
}
