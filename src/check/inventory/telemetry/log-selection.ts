import { lineByLine } from '../configuration/file-addresses.ts';
import { appContainers } from '../configuration/references.ts';
import { globMatches, pathMatches } from '../globs.ts';
import type { Component } from '../graph/components.ts';
import { at, fields, texts } from '../kubernetes/fields.ts';

/** Whether the files of an agent leave a component's logs out; `unclear`: they choose, by what nobody can follow here. */
export type Selection = 'all' | 'none' | 'unclear';

/** What the files of an agent say of the logs that it takes; read once for all that are judged by it. */
export interface LogRules {
  included: string[];
  excluded: Exclusion[];
  /** It chooses by something else than paths, or by paths that nobody can follow here. */
  chooses: boolean;
}

/** A glob, and whether its `*` goes on across folders, as that of Fluent Bit's Exclude_Path does. */
interface Exclusion {
  glob: string;
  crosses: boolean;
}

/** Rules that drop or keep lines by where they come from, of every agent in the tables: what drops, and by what. */
const drops =
  /(?:^|[{,])[ \t-]*["']?action["']?[ \t]*[:=][ \t]*["']?(drop|keep)\b|^[ \t-]*(name|@type)[ \t:]+grep\b|\bdrop_event\b|^[ \t-]*condition:|^[ \t-]*type[ \t]*[:=][ \t]*["']?filter\b/im;
const byOrigin =
  /__meta_kubernetes_(namespace|pod|container|service|controller)|kubernetes["'\]]*[.[]["']*(\w*namespace|pod|container|labels|annotations)|\.kubernetes\.(pod_)?namespace/i;
/** Fields of Vector and Filebeat that choose pods by labels, fields or files. */
const selectors =
  /(?:^|[{,])[ \t-]*["']?(extra_(label|field|namespace_label)_selector|(in|ex)clude_paths_glob_patterns|[\w.]{0,40}\binclude_files)["']?[ \t]*[:=]/im;

/** Namespaces that the discovery of Promtail and its kin looks in: with a list it looks in no other. */
const discoveredIn =
  /\bkubernetes_sd_configs\b[\s\S]{0,400}?\bnamespaces["']?[ \t]*:\s*\{?\s*["']?(own_namespace|names)["']?[ \t]*:/;

const folders = ['/var/log/containers/', '/var/log/pods/'] as const;
const glob = /\/var\/log\/(?:pods|containers)\/[^\s"',;\]})]+/g;
const isPlain = (word: string): boolean => /^[\w.*/-]{1,256}$/.test(word);
/** What Promtail and Filebeat fill in for each container. */
const filledIn = /\$\{(?:\d|(?:data\.)?kubernetes\.[\w.]{1,80})\}|\$\d/g;
const leavesOut = /^(__path_exclude__|exclude(_paths?|_files)?)$/i;
/** Files that an agent packed away are nobody's any more. */
const packed = /^\\{0,2}\.(gz|zip|bz2|xz|zst|tar|tgz)\$?$/;

const largest = 256 * 1024;

/** Words by which a filter of a collector says where a line comes from. */
const collectorOrigin = /k8s\.|kubernetes|container|log\.file|resource/i;

/** A processor that drops lines by where they come from, in a collector's pipeline for logs. */
function filtersByOrigin(document: unknown): boolean {
  const pipelines = Object.entries(fields(at(document, 'service', 'pipelines')));
  return pipelines
    .filter(([name]) => /^logs(\/|$)/.test(name))
    .flatMap(([, pipeline]) => texts(at(pipeline, 'processors')))
    .filter((name) => /^filter(\/|$)/.test(name))
    .some((name) => collectorOrigin.test(JSON.stringify(at(document, 'processors', name) ?? '')));
}

/**
 * Reads inputs of all agents: files by the name before them, or of the list that they stand in. `documents`: what a
 * collector is told, wherever that stands.
 */
export function logRules(files: readonly string[], documents: readonly unknown[] = []): LogRules {
  const parsed = documents.map((each) => (typeof each === 'string' ? each : JSON.stringify(each, null, 2)));
  const text = files.filter(({ length }) => length <= largest).join('\n');
  const rules: LogRules = {
    included: [],
    excluded: [],
    chooses:
      files.some(({ length }) => length > largest) ||
      selectors.test(text) ||
      discoveredIn.test(text) ||
      documents.some(filtersByOrigin),
  };
  if (rules.chooses || (drops.test(text) && byOrigin.test(text))) return { ...rules, chooses: true };
  for (const file of [...files, ...parsed]) readInputs(lineByLine(file), rules);
  for (const file of files) readDropped(file, rules);
  return rules;
}

/** What Fluentd drops by its tag, which holds the path: `<match kubernetes.var.log.containers.**_shop_**.log>` to null. */
function readDropped(text: string, rules: LogRules): void {
  const nulls = text
    .slice(0, largest)
    .matchAll(/^[ \t]*<match[ \t]+([^>\n]{1,1024})>\s*(?:@id[^\n]*\s+)?@type[ \t]+null\b/gm);
  for (const [, patterns = ''] of nulls)
    for (const pattern of patterns.split(/\s+/)) {
      const file = /var\.log\.(?:containers|pods)\.([\w*.-]+)$/.exec(pattern)?.[1];
      if (file) rules.excluded.push({ glob: `/var/log/containers/${file.replace(/\*+/g, '*')}`, crosses: true });
    }
}

function readInputs(text: string, rules: LogRules): void {
  let key = '';
  for (const whole of text.split('\n')) {
    const line = whole.slice(0, 4096).trim().replace(filledIn, '*');
    if (/^(#|\/\/)/.test(line)) continue;
    const own = /^(?:-\s+)?["']?(?:[\w-]{1,40}\.){0,4}([A-Za-z_]\w{0,40})["']?(?:\s*[:=]\s*|\s+)(.*)$/.exec(line);
    const isItem = (!own && /^-\s/.test(line)) || /^(-\s*)?["']?[*/]/.test(line);
    if (own && !isItem) key = own[1] ?? '';
    const values = isItem ? line : (own?.[2] ?? '');
    if (leavesOut.test(key)) readExclusions(values, key, rules);
    else readInclusions(line, values, rules);
  }
}

function readInclusions(line: string, values: string, rules: LogRules): void {
  const found = values.match(glob) ?? [];
  rules.included.push(...found);
  // Alternatives, ranges, and an exclusion within the same line.
  if (found.some((each) => !isPlain(each)) || /[{,]\s?["']?(__path_)?exclude/i.test(line)) rules.chooses = true;
}

function readExclusions(values: string, key: string, rules: LogRules): void {
  const words = values.split(/[\s,[\]"']+/).filter((word) => word !== '' && word !== '-' && !packed.test(word));
  const globs = words.filter((word) => isPlain(word) && (word.includes('*') || word.startsWith('/')));
  rules.excluded.push(...globs.map((each) => ({ glob: each, crosses: /^exclude_path$/i.test(key) })));
  // `Exclude log health` of Fluent Bit's grep is about what a line says.
  const isOfFiles = !/^exclude$/i.test(key);
  if (words.some((word) => !globs.includes(word) && (isOfFiles || word.startsWith('/')))) rules.chooses = true;
}

/** Where the kubelet writes what its containers print, by folder: both hold the same lines. */
const filesOf = ({ workloads, namespace }: Component): string[][] => {
  const containers = workloads.flatMap((workload) => {
    const pods = workload.pods.length > 0 ? workload.pods.map(({ metadata }) => metadata.name) : [`${workload.name}-0`];
    return pods.flatMap((pod) => appContainers(workload).map(({ name }) => ({ pod, name })));
  });
  const [links, own] = folders;
  return [
    containers.map(({ pod, name }) => `${links}${pod}_${namespace}_${name}-0123456789abcdef.log`),
    containers.map(({ pod, name }) => `${own}${namespace}_${pod}_00000000-0000-0000-0000-000000000000/${name}/0.log`),
  ];
};

/** What an agent with these rules takes of a component's logs. */
export function selectionOf({ included, excluded, chooses }: LogRules, component: Component): Selection {
  if (chooses) return 'unclear';
  const isExcluded = (path: string): boolean =>
    excluded.some((each) => (each.crosses ? globMatches : pathMatches)(each.glob, path));
  const shares = filesOf(component).flatMap((files, index): number[] => {
    const globs = included.filter((each) => each.startsWith(folders[index] ?? ''));
    if (included.length > 0 && globs.length === 0) return [];
    const taken = included.length === 0 ? files : files.filter((path) => globs.some((each) => pathMatches(each, path)));
    return [taken.filter((path) => !isExcluded(path)).length / Math.max(1, files.length)];
  });
  // Without an input that can be read it takes one folder or the other.
  const isAll = (share: number): boolean => share === 1;
  if (included.length > 0 ? shares.some(isAll) : shares.every(isAll)) return 'all';
  return shares.every((share) => share === 0) ? 'none' : 'unclear';
}
