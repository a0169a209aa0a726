import type { Evidence } from '../../contract.ts';
import { appContainers } from '../configuration/references.ts';
import type { Setting } from '../configuration/settings.ts';
import type { Component } from '../graph/components.ts';
import { at, text } from '../kubernetes/fields.ts';
import { type Container, nameOf, type Pod } from '../kubernetes/types.ts';
import { type Workload, workloadName } from '../kubernetes/workloads.ts';
import { meansOthers, namesTraceAddress } from '../technologies/telemetry-names.ts';
import { variableOf } from '../technologies/words.ts';

/**
 * An address for traces that no Service stands behind. pod: its own pod, by `localhost` or its own address · node: the
 * node it runs on · socket: a file that somebody on its node listens at · unknown: of a value that nobody sees.
 */
export interface LocalAddress {
  scope: 'pod' | 'node' | 'socket' | 'unknown';
  port?: number;
  /** Of a socket. */
  file?: string;
  setting: string;
  evidence: Evidence;
}

const self = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::(\d{1,5}))?(?:[/?].*)?$/i;
const socket = /^unix:(?:\/\/)?(\/[\w./-]{1,200})$/;
/** `http://$(HOST_IP):4317`: an address made of another variable. */
const made = /^(?:[a-z][a-z0-9+.-]*:\/\/)?\$[({]([A-Za-z_]\w*)[)}](?::(\d{1,5})|:\$[({][A-Za-z_]\w*[)}])?(?:[/?].*)?$/i;

/** What each of the three has in it: most settings have none of it. */
const mayBeLocal = /localhost|127\.|::1|unix:|\$[({]/i;

/** Where agents listen to which an address without a port leads. */
const usualPorts: readonly (readonly [RegExp, number])[] = [
  [/^DD_/, 8126],
  [/^JAEGER_AGENT/, 6831],
  [/^INSTANA_/, 42699],
];

interface Told {
  name: string;
  value: string;
}

/** A variable, or the words of an argument that give a name and a value. */
function toldBy({ name, value }: Setting, previous: Setting | undefined): Told[] {
  const words = value.split(/\s+/).flatMap((word): Told[] => {
    const [, flag, rest] = /^-{1,2}D?([A-Za-z][\w.-]{0,80})=(\S{1,512})$/.exec(word) ?? [];
    return flag && rest ? [{ name: flag, value: rest }] : [];
  });
  if (words.length > 0) return words;
  if (name !== '') return [{ name, value: value.trim() }];
  const flag = previous?.source === 'argument' ? /^--?([\w.-]+)$/.exec(previous.value)?.[1] : undefined;
  return flag ? [{ name: flag, value: value.trim() }] : [];
}

/** What a variable of a container stands for on the machine, where it is no plain value. */
function scopeOf(name: string, given: readonly Given[]): LocalAddress['scope'] {
  const found = given.flatMap(({ container: { env = [] } }) => env).find((variable) => variable.name === name);
  const field = text(at(found, 'valueFrom', 'fieldRef', 'fieldPath'));
  return scopeOfField(field) ?? 'unknown';
}

const scopeOfField = (field: string | undefined): LocalAddress['scope'] | undefined =>
  field === 'status.hostIP' || field === 'status.hostIPs' || field === 'spec.nodeName'
    ? 'node'
    : field === 'status.podIP' || field === 'status.podIPs'
      ? 'pod'
      : undefined;

const portBeside = (name: string, settings: readonly Setting[]): number | undefined => {
  const stem = variableOf(name).replace(/_?(HOST|HOSTNAME|URL|ENDPOINT)$/, '');
  const names = [`${stem}_PORT`, ...(stem === 'DD_AGENT' || stem === 'DD_TRACE_AGENT' ? ['DD_TRACE_AGENT_PORT'] : [])];
  const value = settings.find((setting) => names.includes(setting.name))?.value ?? '';
  return /^\d{1,5}$/.test(value) ? Number(value) : undefined;
};

/** Every address for traces in what a component is told that leads into its own pod, to its own node or into a file. */
export function localAddresses(
  component: Component,
  settings: readonly Setting[],
  injected: Pod | undefined,
  evidenceOf: (setting: Setting, value: string) => Evidence,
): LocalAddress[] {
  const given = [...component.workloads.flatMap(ofTemplate), ...(injected ? ofPod(injected) : [])];
  const onNode = component.workloads.some(({ spec }) => spec.hostNetwork === true);
  const portOf = (name: string, digits: string | undefined): number | undefined =>
    (digits ? Number(digits) : portBeside(name, settings)) ??
    usualPorts.find(([pattern]) => pattern.test(variableOf(name)))?.[1];
  const found = settings.flatMap((setting, index): LocalAddress[] => {
    if (setting.source === 'file' || setting.value.length > 8192 || !mayBeLocal.test(setting.value)) return [];
    return toldBy(setting, settings[index - 1]).flatMap(({ name, value }): LocalAddress[] => {
      if (meansOthers(name) || !namesTraceAddress(variableOf(name))) return [];
      const [, file] = socket.exec(value) ?? [];
      if (file) return [{ scope: 'socket', file, setting: name, evidence: evidenceOf(setting, value) }];
      const own = self.exec(value);
      const [, variable = '', digits] = made.exec(value) ?? [];
      if (!own && variable === '') return [];
      const port = portOf(name, own ? own[1] : digits);
      // On the node's network its own address is the node's.
      const scope = own ? (onNode ? 'node' : 'pod') : scopeOf(variable, given);
      return [{ scope, ...(port ? { port } : {}), setting: name, evidence: evidenceOf(setting, value) }];
    });
  });
  const fields = fromFields(given, portOf);
  const addresses = [...found, ...fields];
  return addresses.length > 0 ? addresses : usualSocket(given, settings);
}

/** A container, and where it was read. */
interface Given {
  container: Container;
  object: string;
  path: string;
}

const ofTemplate = (workload: Workload): Given[] =>
  appContainers(workload).map((container) => ({
    container,
    object: workloadName(workload),
    path: `${workload.specPath}.containers[${workload.spec.containers.indexOf(container)}]`,
  }));

const ofPod = (pod: Pod): Given[] =>
  pod.spec.containers.map((container, index) => ({
    container,
    object: nameOf(pod),
    path: `spec.containers[${index}]`,
  }));

/** A variable whose value is the address of the node itself. */
function fromFields(
  given: readonly Given[],
  portOf: (name: string, digits: undefined) => number | undefined,
): LocalAddress[] {
  const known = new Set<string>();
  return given.flatMap(({ container, object, path }) =>
    (container.env ?? []).flatMap((variable, index): LocalAddress[] => {
      const { name } = variable;
      const field = text(at(variable, 'valueFrom', 'fieldRef', 'fieldPath'));
      const scope = scopeOfField(field);
      const key = `${container.name} ${name}`;
      if (!scope || !field || known.has(key) || meansOthers(name) || !namesTraceAddress(variableOf(name))) return [];
      known.add(key);
      const port = portOf(name, undefined);
      const evidence = { object, path: `${path}.env[${index}].valueFrom.fieldRef`, value: field };
      return [{ scope, ...(port ? { port } : {}), setting: name, evidence }];
    }),
  );
}

/** Datadog's libraries look for this file where they are told nothing else. */
function usualSocket(given: readonly Given[], settings: readonly Setting[]): LocalAddress[] {
  const folder = '/var/run/datadog';
  const told = settings.find(({ name }) => /^DD_(SERVICE|ENV|VERSION)$/.test(name));
  return given.flatMap(({ container, object, path }): LocalAddress[] => {
    const mount = (container.volumeMounts ?? []).findIndex(({ mountPath }) => mountPath?.replace(/\/$/, '') === folder);
    if (!told || mount < 0) return [];
    const evidence = { object, path: `${path}.volumeMounts[${mount}]`, value: folder };
    return [{ scope: 'socket', file: `${folder}/apm.socket`, setting: told.name, evidence }];
  });
}
