import { createHmac, randomBytes } from 'node:crypto';
import { parse, stringify } from 'yaml';
import { withoutSecrets } from '../../../harmless.ts';
import type { ReadOutcome } from '../../contract.ts';
import type { KubeObject, Snapshot } from '../snapshot.ts';
import { redactObservations } from './observations.ts';
import { isAlloy, redactAlloy } from './redact-alloy.ts';
import { redactCommand } from './redact-command.ts';
import { type KnownServices, type TextRedaction, textRedaction } from './redact-text.ts';

/**
 * A snapshot that may be given away: variables, arguments, configuration and free values of custom resources are
 * replaced by marks, except addresses, switches and the structure of collectors. The key of the marks is thrown away.
 */
export function redact(snapshot: Snapshot): Snapshot {
  const key = randomBytes(32);
  const mark = (text: string) => `redacted_${createHmac('sha256', key).update(text).digest('hex').slice(0, 12)}`;
  const text = textRedaction(mark, knownServices(snapshot));
  const objects = [...snapshot.objects].map(
    ([part, list]) => [part, list.map((object) => redactObject(object, text))] as const,
  );
  return {
    ...snapshot,
    reads: snapshot.reads.map(withoutUser),
    objects: new Map(objects),
    ...(snapshot.observations ? { observations: redactObservations(snapshot.observations) } : {}),
  };
}

function knownServices({ objects }: Snapshot): KnownServices {
  const hosts = new Set<string>();
  const ports = new Set<string>();
  for (const { metadata, spec } of objects.get('services') ?? []) {
    hosts.add(metadata.name).add(`${metadata.name}.${metadata.namespace}`);
    const { ports: offered } = (spec ?? {}) as { ports?: { port?: unknown }[] };
    for (const { port } of Array.isArray(offered) ? offered : []) ports.add(String(port));
  }
  return {
    isHost: (text) => hosts.has(text.replace(/\.$/, '').replace(/\.svc(\.[a-z0-9.-]+)?$/, '')),
    isPort: (text) => ports.has(text),
  };
}

/** "User "alice" cannot list …" says who made the recording. */
const withoutUser = (read: ReadOutcome): ReadOutcome =>
  read.detail === undefined ? read : { ...read, detail: read.detail.replace(/User "[^"]*"/g, 'the user') };

function redactObject(object: KubeObject, text: TextRedaction): KubeObject {
  const { apiVersion, kind, metadata, ...rest } = object;
  const { annotations, ...named } = metadata;
  const kept = annotations && {
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([name, value]) => [name, annotation(name, value, text)]),
    ),
  };
  const body =
    kind === 'ConfigMap' && apiVersion === 'v1'
      ? { data: configuration(rest.data, text) }
      : (structured(rest, '', text) as Record<string, unknown>);
  return { apiVersion, kind, metadata: { ...named, ...kept }, ...body };
}

/** Written for controllers whose behaviour is judged; other annotations may hold anything. */
const understood =
  /(^|\.)(kubernetes\.io|k8s\.io|msvc\.dev|istio\.io|linkerd\.io|helm\.sh|fluxcd\.io|argoproj\.io|dapr\.io|opentelemetry\.io|konghq\.com|traefik\.io|kuma\.io|hashicorp\.com|k14s\.io|cattle\.io|gke\.io|knative\.dev|openshift\.io|apisix\.apache\.org|getambassador\.io|projectcontour\.io|google\.com|oraclecloud\.com|hetzner\.cloud|yandex\.cloud|vector\.dev)\//;

/** Free text under such a name all the same: settings, pieces of configuration, a copy of the whole object. */
const freeAnnotation = /last-applied-configuration$|snippet$|\/env$|(^|[./-])(password|token|headers?|api-?key)$/;

function annotation(name: string, value: string, text: TextRedaction): string {
  const short = value.length <= 256 && !value.includes('\n');
  return understood.test(name) && short && !freeAnnotation.test(name) ? withoutLogin(value, text) : text.words(value);
}

const withoutLogin = (value: string, text: TextRedaction) =>
  value.replace(/(:\/\/)([^@/\s]+)@/g, (_, sign, user) => `${sign}${text.mark(user)}@`).replace(/\?\S+=\S+/g, '');

/** A file where it parses as one, else lines of words. */
function configuration(data: unknown, text: TextRedaction): Record<string, string> {
  if (typeof data !== 'object' || data === null) return {};
  return Object.fromEntries(
    Object.entries(data).map(([name, content]) => [name, typeof content === 'string' ? file(name, content, text) : '']),
  );
}

function file(name: string, content: string, text: TextRedaction): string {
  const start = content.trim()[0];
  if (start !== '{' && !content.trim().includes('\n')) return text.value(name, content);
  if (isAlloy(content)) return redactAlloy(content, text);
  // `[section]` of an INI file is a list to YAML.
  if (start === '[') return text.words(content);
  try {
    // Aliases could grow without end; a configuration that has them is read as words.
    const document: unknown = parse(content, { maxAliasCount: 0, uniqueKeys: false, logLevel: 'silent' });
    if (typeof document === 'object' && document !== null) {
      const kept = free(document, '', text);
      return start === '{' ? JSON.stringify(kept) : stringify(kept);
    }
  } catch {
    // Not YAML.
  }
  return text.words(content);
}

/** Where people put values: everything below is redacted word by word. */
const freeFields =
  /^(env|args|command|values|valuesObject|parameters|substitute|headers|config|data|stringData|metadata|requestHeaders|inlineString|inlineCode|customRequestHeaders|customResponseHeaders|add|set|httpHeaders|snippet)$/;
const names = new Set(['name', 'key', 'prefix', 'kind', 'apiVersion', 'fieldPath', 'resource', 'namespace']);

/** Of the API's own shape: names, numbers and references stay, free fields below it are redacted. */
function structured(value: unknown, field: string, text: TextRedaction): unknown {
  if (typeof value === 'string') return text.isSecret(field) ? secretOf(field, value, text) : withoutLogin(value, text);
  if (Array.isArray(value)) return value.map((item) => structured(item, field, text));
  if (!isRecord(value)) return value;
  // `clientSecret: { value: … }`; where it is a reference, its fields are names.
  if (text.isSecret(field) && ['value', 'inline', 'plain'].some((name) => typeof value[name] === 'string'))
    return free(value, field, text);
  if (field === 'httpGet') return request(value, text);
  if (field === 'exec' && Array.isArray(value.command))
    return { ...value, command: redactCommand(value.command.map(String), text.mark) };
  return mapFields(value, (name, inner) => {
    if (name === 'annotations')
      return isRecord(inner) ? mapFields(inner, (key, one) => annotation(key, String(one), text)) : {};
    if (name === 'message' && typeof inner === 'string') return withoutSecrets(inner);
    const isFree = freeFields.test(name) || (isRecord(inner) && name === 'plugin');
    return isFree && !isPodMetadata(name, inner) ? free(inner, name, text) : structured(inner, name, text);
  });
}

/** What a probe or hook asks: the path without its query, headers without what they say. */
const request = ({ path, httpHeaders, ...rest }: Record<string, unknown>, text: TextRedaction) => ({
  ...rest,
  ...(typeof path === 'string' ? { path: path.replace(/[?#].*$/s, (query) => `?${text.mark(query)}`) } : {}),
  ...(httpHeaders === undefined ? {} : { httpHeaders: free(httpHeaders, 'httpHeaders', text) }),
});

/** A name that says where a secret is kept is none: `tokenSecretRef: stripe`. */
const secretOf = (field: string, value: string, text: TextRedaction): string =>
  /(name|ref|key|type|namespace|path|class|prefix|store)$/i.test(field) && !/api_?-?key$/i.test(field)
    ? withoutLogin(value, text)
    : text.value(field, value);

/** The metadata of a pod template holds labels that selectors are compared with. */
const isPodMetadata = (name: string, value: unknown) =>
  name === 'metadata' && isRecord(value) && ('labels' in value || 'annotations' in value);

function free(value: unknown, field: string, text: TextRedaction): unknown {
  if (typeof value === 'string') {
    if (field === 'command' || field === 'args') return text.words(value);
    return value.includes('\n') ? file(field, value, text) : text.value(field, value);
  }
  if (typeof value === 'number') return text.isSecret(field) ? text.mark(String(value)) : value;
  if (Array.isArray(value)) return value.map((item) => free(item, field, text));
  if (!isRecord(value)) return value;
  // `{ name: PASSWORD, value: … }`: the name that says what the value is stands beside it.
  const beside = typeof value.name === 'string' ? value.name : 'value';
  // Of a reference (`{ name: store, key: password }`) a key says which of many; alone it may open something.
  const isName = (name: string) => names.has(name) && (name !== 'key' || 'name' in value || 'operator' in value);
  return mapFields(value, (name, inner) =>
    isName(name) && typeof inner === 'string' && /^[\w.*/@-]*$/.test(inner)
      ? inner
      : free(inner, name === 'value' ? beside : name, text),
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const mapFields = (value: Record<string, unknown>, change: (name: string, inner: unknown) => unknown) =>
  Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(name, inner)]));
