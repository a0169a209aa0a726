import { parse } from 'yaml';
import type { Evidence } from '../../contract.ts';
import { appContainers } from '../configuration/references.ts';
import type { Setting } from '../configuration/settings.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { mainContainer } from '../graph/main-container.ts';
import { at } from '../kubernetes/fields.ts';
import { imageOf, imageReference } from '../kubernetes/images.ts';
import { workloadName } from '../kubernetes/workloads.ts';
import { memoizeByIdentity } from '../memoize.ts';

/** on and off: its configuration says so · unclear: that is decided where nobody here can look. */
export type Choice = 'on' | 'off' | 'unclear';

/** An agent of a vendor: it knows where to send, and its own switches say what it takes. */
export interface VendorAgent {
  vendor: string;
  image: RegExp;
  /** Settings that send its logs elsewhere; where it has none of them, every address that it is told. */
  redirects?: RegExp;
  /** Sockets and switches by which it may read logs without a folder of the node. */
  otherWays?(agent: Component, facts: Facts): boolean;
  /** Whether it takes the logs of a component, and what says so. */
  logs(agent: Component, of: Component, facts: Facts): Chosen;
  /** Whether it takes traces at a port, or at its socket where none is given. */
  traces(agent: Component, port: number | undefined, facts: Facts): Chosen;
}

/** A choice, and where it stands. */
export interface Chosen {
  choice: Choice;
  evidence: Evidence[];
  /** What to change where it is off. */
  fix?: string;
}

const always =
  (choice: Choice, fix?: string): (() => Chosen) =>
  () => ({ choice, evidence: [], ...(fix ? { fix } : {}) });

/** A setting of an agent: a variable, or a field of its own file. */
interface Found {
  value: string;
  evidence: Evidence;
}

/** Several containers of one agent may differ: each of them does its own part, so that one that says yes counts. */
function variable(agent: Component, facts: Facts, name: string): Found | undefined {
  const told = facts.configuration(agent).settings.filter((each) => each.source === 'variable' && each.name === name);
  const setting = told.find(({ value }) => /^(true|1|yes)$/i.test(value.trim())) ?? told[0];
  const holder = agent.workloads[0] ? workloadName(agent.workloads[0]) : agent.key;
  const object = setting?.configMap ? `ConfigMap ${agent.namespace}/${setting.configMap}` : holder;
  return setting && { value: setting.value.trim(), evidence: { object, path: setting.path, value: setting.value } };
}

function field(agent: Component, facts: Facts, ...path: readonly string[]): Found | undefined {
  for (const setting of facts.configuration(agent).settings) {
    const { source, value, configMap, path: where } = setting;
    if (source !== 'file' || value.length > 256 * 1024 || !value.includes(`${path[0]}:`)) continue;
    const found = at(parsed(setting), ...path);
    if (typeof found === 'boolean' || typeof found === 'string')
      return {
        value: String(found),
        evidence: {
          object: `ConfigMap ${agent.namespace}/${configMap ?? ''}`,
          path: `${where} ${path.join('.')}`,
          value: String(found),
        },
      };
  }
  return undefined;
}

const parsed = memoizeByIdentity(({ value }: Setting): unknown => {
  try {
    return parse(value, { maxAliasCount: 50, logLevel: 'silent', uniqueKeys: false });
  } catch {
    return undefined;
  }
});

/** A Secret given whole, or a ConfigMap that was not found, may hold any switch. */
function hidesSettings(agent: Component, facts: Facts): boolean {
  const { secretUses, missing } = facts.configuration(agent);
  return missing.length > 0 || secretUses.some(({ key, mounted }) => key === undefined && !mounted);
}

function choose(agent: Component, facts: Facts, found: Found | undefined, otherwise: boolean): Chosen {
  if (!found) return { choice: hidesSettings(agent, facts) ? 'unclear' : otherwise ? 'on' : 'off', evidence: [] };
  const choice = /^(true|1|t|yes|on)$/i.test(found.value)
    ? 'on'
    : /^(false|0|f|no|off)$/i.test(found.value)
      ? 'off'
      : 'unclear';
  return { choice, evidence: [found.evidence] };
}

const datadog: VendorAgent = {
  vendor: 'Datadog',
  image: /(^|\/)datadog\/(agent|ddot-collector)$|gcr\.io\/datadoghq\/agent$|registry\.datadoghq\.com\/agent$/,
  redirects: /^DD_(LOGS_CONFIG_LOGS_DD_URL|(OBSERVABILITY_PIPELINES_WORKER|VECTOR)_LOGS_URL)$/,
  otherWays: (agent, facts) =>
    variable(agent, facts, 'DD_LOGS_CONFIG_K8S_CONTAINER_USE_KUBELET_API')?.value === 'true' ||
    agent.workloads.some(({ spec }) =>
      (spec.volumes ?? []).some(({ hostPath }) => /^(\/var)?\/run(\/docker\.sock|\/?$)/.test(hostPath?.path ?? '')),
    ),
  logs: (agent, of, facts) => {
    const enabled = choose(
      agent,
      facts,
      variable(agent, facts, 'DD_LOGS_ENABLED') ?? field(agent, facts, 'logs_enabled'),
      false,
    );
    const fix = 'Set DD_LOGS_ENABLED and DD_LOGS_CONFIG_CONTAINER_COLLECT_ALL to "true" in Datadog’s agent.';
    if (enabled.choice !== 'on') return { ...enabled, fix };
    const asked = askedOfDatadog(of);
    const all = choose(
      agent,
      facts,
      variable(agent, facts, 'DD_LOGS_CONFIG_CONTAINER_COLLECT_ALL') ??
        field(agent, facts, 'logs_config', 'container_collect_all'),
      false,
    );
    const evidence = [...enabled.evidence, ...all.evidence];
    if (asked.refused)
      return { choice: 'off', evidence: [asked.refused], fix: 'Remove that annotation from its pods.' };
    if (all.choice !== 'on' && asked.wanted) return { choice: 'on', evidence: [...evidence, asked.wanted] };
    if (all.choice !== 'on') return { choice: all.choice, evidence, fix };
    const excluded = excludedByDatadog(agent, of, facts);
    return excluded ? { ...excluded, evidence: [...evidence, ...excluded.evidence] } : { choice: 'on', evidence };
  },
  traces: (agent, port, facts) => {
    const enabled = choose(
      agent,
      facts,
      variable(agent, facts, 'DD_APM_ENABLED') ?? field(agent, facts, 'apm_config', 'enabled'),
      true,
    );
    const fix = 'Set DD_APM_ENABLED to "true" in Datadog’s agent.';
    if (enabled.choice !== 'on' || port === undefined || port === 8126) return { ...enabled, fix };
    const protocol = port === 4317 ? 'GRPC' : port === 4318 ? 'HTTP' : undefined;
    const otlp = protocol && variable(agent, facts, `DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_${protocol}_ENDPOINT`);
    const inFile = field(
      agent,
      facts,
      'otlp_config',
      'receiver',
      'protocols',
      (protocol ?? '').toLowerCase(),
      'endpoint',
    );
    const open = otlp ?? inFile;
    if (open) return { choice: 'on', evidence: [open.evidence] };
    return {
      choice: protocol && !hidesSettings(agent, facts) ? 'off' : 'unclear',
      evidence: [],
      fix: `Set DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_${protocol ?? 'GRPC'}_ENDPOINT in Datadog’s agent, or send to its port 8126.`,
    };
  },
};

/** What annotations of its pods ask of Datadog’s agent. */
function askedOfDatadog(of: Component): { wanted?: Evidence; refused?: Evidence } {
  const name = mainContainer(of)?.name ?? '';
  for (const workload of of.workloads) {
    const evidence = (key: string): Evidence => ({
      object: workloadName(workload),
      path: `${workload.metadataPath}.annotations["${key}"]`,
    });
    const { podAnnotations } = workload;
    const refused = ['ad.datadoghq.com/logs_exclude', `ad.datadoghq.com/${name}.logs_exclude`].find(
      (key) => podAnnotations[key] === 'true',
    );
    if (refused) return { refused: evidence(refused) };
    if (podAnnotations[`ad.datadoghq.com/${name}.logs`]) return { wanted: evidence(`ad.datadoghq.com/${name}.logs`) };
  }
  return {};
}

const filters = (
  names: readonly string[],
  agent: Component,
  facts: Facts,
): (Found & { kind: string; pattern: string })[] =>
  names.flatMap((name) => {
    const found = variable(agent, facts, name);
    return (found?.value.split(/\s+/) ?? []).flatMap((word) => {
      const [, kind = '', pattern = ''] = /^(\w+):(.*)$/.exec(word) ?? ['', '', word];
      return found && word !== '' ? [{ ...found, kind, pattern }] : [];
    });
  });

/** Datadog's filters by namespace, image and container: what is included goes before what is excluded. */
function excludedByDatadog(agent: Component, of: Component, facts: Facts): Chosen | undefined {
  const container = mainContainer(of);
  const about: Readonly<Record<string, string | undefined>> = {
    kube_namespace: of.namespace,
    name: container?.name,
    image: container?.image,
  };
  const fits = ({ kind, pattern }: { kind: string; pattern: string }): boolean | undefined =>
    about[kind] === undefined ? undefined : matchesPattern(pattern, about[kind]);
  const included = filters(['DD_CONTAINER_INCLUDE', 'DD_CONTAINER_INCLUDE_LOGS', 'DD_AC_INCLUDE'], agent, facts);
  if (included.some((filter) => fits(filter) === true)) return undefined;
  const unsure = included.some((filter) => fits(filter) === undefined);
  for (const filter of filters(['DD_CONTAINER_EXCLUDE', 'DD_CONTAINER_EXCLUDE_LOGS', 'DD_AC_EXCLUDE'], agent, facts)) {
    const fit = fits(filter);
    if (fit === false) continue;
    return {
      choice: fit === undefined || unsure ? 'unclear' : 'off',
      evidence: [filter.evidence],
      fix: 'Take its namespace and image out of what Datadog’s agent excludes.',
    };
  }
  return undefined;
}

/** Whether a pattern of plain words and `.*` fits somewhere; undefined for any other, which is not run. */
export function matchesPattern(pattern: string, text: string): boolean | undefined {
  const plain = /^(\^?)((?:[\w\-/:@]|\.(?!\*)|\.\*){0,200})(\$?)$/.exec(pattern);
  if (!plain) return undefined;
  const [, start, middle = '', end] = plain;
  const pieces = middle.split('.*').map((piece) => piece.replaceAll('\\.', '.'));
  let from = 0;
  for (const [index, piece] of pieces.entries()) {
    const found = index === 0 && start ? (text.startsWith(piece) ? 0 : -1) : text.indexOf(piece, from);
    if (found < 0) return false;
    from = found + piece.length;
  }
  const last = pieces.at(-1) ?? '';
  return end ? text.endsWith(last) && text.length - last.length >= from - last.length : true;
}

/** One row a vendor; an agent whose taking is decided in the vendor's own console is unclear. */
const vendorAgents: readonly VendorAgent[] = [
  datadog,
  {
    vendor: 'New Relic',
    image: /(^|\/)newrelic\/newrelic-(fluentbit-output|fluentbit|fluentd|logging)/,
    logs: always('on'),
    traces: always('off'),
  },
  {
    vendor: 'Dynatrace',
    image:
      /(^|\/)(dynatrace-)?(oneagent|logmodule|logmonitoring)$|dynatrace\/dynatrace-(oneagent|logmodule)$|\/linux\/oneagent$/,
    logs: (agent) =>
      agent.workloads.some((workload) =>
        appContainers(workload).some(({ image = '' }) => /log(module|monitoring)/.test(imageReference(image).name)),
      )
        ? { choice: 'on', evidence: [] }
        : { choice: 'unclear', evidence: [] },
    traces: always('unclear'),
  },
  {
    vendor: 'Elastic',
    image: /(^|\/)elastic-agent(-[a-z]+)?$/,
    logs: (agent, _of, facts) => logsOfElastic(agent, facts),
    traces: always('unclear'),
  },
  {
    vendor: 'Azure Monitor',
    image: /azuremonitor\/containerinsights\/ciprod$/,
    logs: always('unclear'),
    traces: always('off'),
  },
  {
    vendor: 'AWS X-Ray',
    image: /(^|\/)(aws-)?xray-daemon$/,
    logs: always('off'),
    traces: always('on'),
  },
  {
    vendor: 'Mezmo',
    image: /(^|\/)logdna\/logdna-agent$|(^|\/)logdna-agent(-v2)?$/,
    logs: always('on'),
    traces: always('off'),
  },
  {
    vendor: 'Sematext',
    image: /(^|\/)sematext\/(logagent|sematext-agent-docker)$/,
    logs: always('on'),
    traces: always('off'),
  },
  {
    vendor: 'Scalyr',
    image: /(^|\/)scalyr\/scalyr-k8s-agent$/,
    logs: always('on'),
    traces: always('off'),
  },
  {
    vendor: 'Alibaba Cloud',
    image: /(^|\/)log-service\/logtail$|(^|\/)(logtail|loongcollector)$/,
    logs: always('unclear'),
    traces: always('off'),
  },
];

/** An agent that Fleet enrols gets what it does from there; one that stands alone has it in its own file. */
function logsOfElastic(agent: Component, facts: Facts): Chosen {
  const { settings } = facts.configuration(agent);
  const fleet = settings.find(({ name }) => /^FLEET_(ENROLL|URL|ENROLLMENT_TOKEN)$/.test(name));
  const holder = agent.workloads[0] ? workloadName(agent.workloads[0]) : agent.key;
  if (fleet) return { choice: 'unclear', evidence: [{ object: holder, path: fleet.path, value: fleet.name }] };
  for (const { source, value, configMap, path } of settings) {
    if (source !== 'file' || !/^inputs:/m.test(value)) continue;
    const evidence = [{ object: `ConfigMap ${agent.namespace}/${configMap ?? ''}`, path: `${path} inputs` }];
    return {
      choice: /^[ \t-]*type:\s*["']?(filestream|container|logfile|log)\b/m.test(value) ? 'on' : 'off',
      evidence,
      fix: 'Give it an input of type filestream over /var/log/containers.',
    };
  }
  return { choice: 'unclear', evidence: [] };
}

/** The vendor whose agent a component is, by its image. */
export const vendorOf = memoizeByIdentity(({ workloads }: Component): VendorAgent | undefined => {
  const repositories = workloads.flatMap((workload) =>
    appContainers(workload).map((container) => imageReference(imageOf(container, [workload]) ?? '').repository),
  );
  return vendorAgents.find(({ image }) => repositories.some((repository) => image.test(repository)));
});
