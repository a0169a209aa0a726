import { appContainers } from '../configuration/references.ts';
import type { Container } from '../kubernetes/types.ts';
import type { Workload } from '../kubernetes/workloads.ts';
import type { Classification } from './classify.ts';
import type { Component } from './components.ts';
import type { Edge } from './edges.ts';

/** Nobody can call it, it keeps nothing, and all it does is call applications: it plays the users. */
export function loadBehaviour(
  component: Component,
  current: Classification,
  edges: readonly Edge[],
): Classification | undefined {
  if (current.class !== 'application' || component.primaryService || component.workloads.length === 0) return undefined;
  const containers = component.workloads.flatMap(appContainers);
  if (containers.some(({ ports }) => (ports ?? []).length > 0)) return undefined;
  const calls = edges.filter((edge) => edge.style !== 'platform' && !isSink(edge));
  if (calls.length === 0 || calls.some(({ style, to }) => style !== 'sync' || !to)) return undefined;
  // A queue's address in a Secret or a file makes a worker of it.
  if (component.workloads.some((workload) => hidesAddresses(workload, edges))) return undefined;
  const names = [...new Set(calls.map(({ to, host }) => to?.name ?? host))].sort();
  return {
    class: 'load',
    because: `a load generator: no Service, no port, and it only calls ${names.join(', ')}`,
    certain: true,
  };
}

const sinkName =
  /(^|[_.-])(LOGS?|LOGGING|LOGSTASH|SYSLOG|SEQ|GRAYLOG|GELF|LOKI|SPLUNK|FLUENT\w*|METRICS?|STATSD|PROMETHEUS|SMTP|E?MAIL(HOST|ER|SERVER)?)([_.-]|$)/i;
const sinkPorts = new Set([25, 465, 514, 587, 601, 1025, 2525, 5044, 5341, 8125, 12201, 24224]);

/** Where lines, figures and mail go: workers and services send them too. */
const isSink = ({ setting, port, protocol }: Edge): boolean =>
  sinkName.test(setting) || sinkPorts.has(port ?? 0) || /^(smtps?|syslog|gelf)$/.test(protocol);

const isAddress =
  /(^|[_.-])(URLS?|URI|DSN|HOSTS?|HOSTNAME|ADDR(ESS)?|ENDPOINTS?|SERVERS?|BROKERS?|CONNECTION\w*)([_.-]|$)/i;
const isCredential = /(PASSWORD|PASSWD|PASS|PWD|TOKEN|SECRET|KEY|USER|USERNAME|CERT|JWT)$/i;

/** Some of its settings are out of sight, and may be addresses of a queue or a store. */
function hidesAddresses(workload: Workload, edges: readonly Edge[]): boolean {
  const seen = (configMap: string | undefined): boolean =>
    edges.some(({ evidence }) => evidence.object === `ConfigMap ${workload.namespace}/${configMap}`);
  const known = (name: string): boolean => edges.some(({ setting }) => setting === name);
  const variables = ({ env, envFrom }: Container): boolean =>
    (envFrom ?? []).some(
      ({ secretRef, configMapRef }) =>
        secretRef !== undefined || (configMapRef !== undefined && !seen(configMapRef.name)),
    ) ||
    (env ?? []).some(({ name, valueFrom }) => {
      if (valueFrom?.secretKeyRef) return isAddress.test(name) || !isCredential.test(name);
      return valueFrom?.configMapKeyRef !== undefined && isAddress.test(name) && !known(name);
    });
  const mounted = new Set(
    appContainers(workload).flatMap(({ volumeMounts }) => (volumeMounts ?? []).map(({ name }) => name)),
  );
  const files = (workload.spec.volumes ?? []).some(
    ({ name, configMap, secret, projected }) =>
      mounted.has(name) &&
      (configMap !== undefined ||
        secret !== undefined ||
        (projected?.sources ?? []).some(
          (source) => source.secret !== undefined || (source.configMap && source.configMap.name !== 'kube-root-ca.crt'),
        )),
  );
  return files || appContainers(workload).some(variables);
}
