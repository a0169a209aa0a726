import type { Evidence } from '../../contract.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { compare, readyPods, workloadName } from '../../inventory/kubernetes/workloads.ts';
import { sidecarKind } from '../../inventory/technologies/sidecars.ts';
import { type ContainerBeside, containersBeside } from '../../inventory/telemetry/beside.ts';
import { collectorConfig, configBeside, takesOn } from '../../inventory/telemetry/collector.ts';
import type { LocalAddress } from '../../inventory/telemetry/local-addresses.ts';
import {
  anyListener,
  hostFolderOf,
  listenersAt,
  type NodeListener,
  podPortOf,
} from '../../inventory/telemetry/node-listeners.ts';
import { vendorOf } from '../../inventory/telemetry/vendor-agents.ts';
import { isPlanned } from '../../inventory/written.ts';
import { notYet } from '../define/define-check.ts';
import { throughCollector, throughVendor } from './collector-end.ts';
import { arrives, cannotTell, isWrong, type Outcome, type Target } from './outcome.ts';

const daemonSets = 'daemonsets.apps';

/** Follows spans that leave by no Service: to a container of the same pod, or to what runs on the same node. */
export function followLocal(local: LocalAddress, component: Component, facts: Facts): Outcome {
  const port = local.port === undefined ? '' : `:${local.port}`;
  const shown =
    local.scope === 'pod'
      ? `localhost${port}`
      : local.scope === 'node'
        ? `its own node${port && `, port ${port.slice(1)}`}`
        : local.scope === 'socket'
          ? `the socket ${local.file}`
          : local.setting;
  const target = { shown, setting: local.setting, evidence: local.evidence };
  if (local.scope === 'pod') return intoPod(local, target, component, facts);
  if (local.scope === 'node') return intoNode(local, target, component, facts);
  if (local.scope === 'socket') return intoSocket(local, target, component, facts);
  return isWrong(target, {
    status: 'unknown',
    reason: 'DESTINATION_UNCLEAR',
    message: `${local.setting} gives an address that is made of a value nobody sees`,
    fix: 'Give the address as a plain value, or in a ConfigMap.',
  });
}

const declares = ({ container }: ContainerBeside, port: number | undefined): boolean =>
  (container.ports ?? []).some(({ containerPort }) => containerPort === port);

/** Something in its own pod, by localhost. */
function intoPod({ port }: LocalAddress, target: Target, component: Component, facts: Facts): Outcome {
  const beside = containersBeside(component).filter(
    ({ container, role }) => role === 'collector' || sidecarKind(container.name) === undefined,
  );
  const takers = beside
    .filter(({ role }) => role === 'collector' || role === 'agent' || role === 'tracing')
    .sort((a, b) => compare(a.container.name, b.container.name));
  const taker = takers.find((each) => declares(each, port)) ?? takers[0];
  if (taker) return intoContainer(taker, port, target, facts);
  const gaps = facts.ledger.gaps(['pods'], component.namespace);
  if (gaps.length > 0)
    return cannotTell(target, gaps, `Nobody can say what stands beside it and listens at ${target.shown}`);
  if (beside.length === 0 && isPlanned(component, facts))
    return isWrong(
      target,
      notYet(`it sends traces to ${target.shown}; what will stand beside it there shows only once it runs`),
    );
  const seen = component.workloads.length > 0 && component.workloads.every(({ pods }) => pods.length > 0);
  if (beside.length > 0 || !seen)
    return isWrong(target, {
      status: 'unknown',
      reason: 'DESTINATION_UNCLEAR',
      message:
        beside.length > 0
          ? `it sends traces to ${target.shown}; whether ${beside.map(({ container }) => container.name).join(' or ')} beside it takes them does not show in the image`
          : `it sends traces to ${target.shown}, and no pod was seen, in which a collector may stand beside it`,
      evidence: beside.map(({ object, path }) => ({ object, path })),
      fix: 'Send to the Service of a collector.',
    });
  return isWrong(target, {
    status: 'warn',
    reason: 'DESTINATION_ABSENT',
    message: `it sends traces to ${target.shown} (${target.setting}), and no collector stands beside it: they are lost`,
    fix: `Set ${target.setting} to the Service of a collector, or put one beside the app.`,
  });
}

function intoContainer(taker: ContainerBeside, port: number | undefined, target: Target, facts: Facts): Outcome {
  const { container, object, path, role, namespace } = taker;
  const up: Evidence = { object, path, value: container.image ?? container.name };
  if (role === 'tracing')
    return arrives(target, `sends traces to ${target.shown}, where ${container.name} stands beside it`, [up]);
  const config = configBeside(taker, facts);
  const takes = takesOn(port, 'traces', config);
  const kind = 'a collector beside it that runs in the same pod';
  return throughCollector(target, { name: container.name, namespace, config, takes, up, kind }, facts);
}

const nodesOf = (component: Component): string[] =>
  [...new Set(component.workloads.flatMap(readyPods).flatMap(({ spec }) => spec.nodeName ?? []))].sort();

const nothingOnNode = (target: Target, message: string, fix: string): Outcome =>
  isWrong(target, { status: 'warn', reason: 'DESTINATION_ABSENT', message, fix });

/** An agent of its own node, by the node's address. */
function intoNode({ port }: LocalAddress, target: Target, component: Component, facts: Facts): Outcome {
  const [listener] = listenersAt({ port }, facts);
  if (listener) return intoListener(listener, port, target, component, facts);
  const gaps = facts.ledger.gaps([daemonSets]);
  const any = anyListener(facts);
  if (!any && gaps.length > 0)
    return cannotTell(target, gaps, 'It sends traces to its own node, and nobody can say what runs there');
  if (any) return mayListen(any, target);
  return nothingOnNode(
    target,
    'it sends traces to its own node, and no collector runs on the nodes',
    'Send to the Service of a collector.',
  );
}

const mayListen = ({ component, workload }: NodeListener, target: Target): Outcome =>
  isWrong(target, {
    status: 'unknown',
    reason: 'DESTINATION_UNCLEAR',
    message: `it sends traces to ${target.shown}, where ${component.name} runs; whether that takes them is not proven`,
    evidence: [{ object: workloadName(workload), path: 'spec.template.spec' }],
    fix: 'Send to the Service of a collector, or give the agent the hostPort or the folder that it is asked at.',
  });

/** An agent of its own node, by a socket that lies on the node. */
function intoSocket({ file = '' }: LocalAddress, target: Target, component: Component, facts: Facts): Outcome {
  const { mounted, folder } = hostFolderOf(component, file);
  const gaps = facts.ledger.gaps([daemonSets]);
  const [listener] = folder === undefined ? [] : listenersAt({ folder }, facts);
  if (listener) return intoListener(listener, undefined, target, component, facts);
  if (!mounted && component.workloads.some(({ pods }) => pods.length > 0))
    return nothingOnNode(
      target,
      `it sends traces to ${target.shown}, and its pods mount nothing there: they are lost`,
      `Mount the folder of ${file} from the node (a hostPath volume), as the agent does.`,
    );
  const any = anyListener(facts);
  if (any) return mayListen(any, target);
  if (gaps.length > 0)
    return cannotTell(target, gaps, 'It sends traces to a socket of its node, and nobody can say who listens there');
  return nothingOnNode(
    target,
    `it sends traces to ${target.shown}, and no agent runs on the nodes`,
    'Run the agent on every node, with the folder of that socket mounted from the node.',
  );
}

function intoListener(
  listener: NodeListener,
  port: number | undefined,
  target: Target,
  component: Component,
  facts: Facts,
): Outcome {
  const { component: agent, workload, nodes, known } = listener;
  if (!known) return mayListen(listener, target);
  const up: Evidence = { object: workloadName(workload), path: 'spec.template.spec.containers[*].ports' };
  if (isPlanned(component, facts))
    return isWrong(
      target,
      notYet(
        `it sends traces to ${target.shown}, where ${agent.name} runs; on which nodes it will run itself is open`,
        [up],
      ),
    );
  const running = nodesOf(component);
  const without = running.filter((node) => !nodes.has(node));
  const gaps = facts.ledger.gaps(['pods'], agent.namespace);
  if (without.length > 0 && gaps.length > 0)
    return cannotTell(target, gaps, `Nobody can say on which nodes ${agent.name} runs`);
  if (without.length > 0)
    return nothingOnNode(
      target,
      `it sends traces to ${target.shown}, and ${agent.name} is not ready on ${without.slice(0, 5).join(', ')}${without.length > 5 ? ` and ${without.length - 5} more` : ''}: from there they are lost`,
      `Give ${agent.name} the tolerations it lacks, or find out why it is not ready there.`,
    );
  const vendor = vendorOf(agent);
  if (vendor) {
    const chosen = vendor.traces(agent, port, facts);
    return throughVendor(target, { vendor: vendor.vendor, name: agent.name, chosen, up });
  }
  if (facts.classOf(agent).role === 'tracing')
    return arrives(target, `sends traces to ${target.shown}, where ${agent.name} is ready`, [up]);
  const config = collectorConfig(agent, facts);
  const takes = port === undefined ? undefined : takesOn(podPortOf(listener, port), 'traces', config);
  const kind = `where ${agent.name} is ready`;
  return throughCollector(target, { name: agent.name, namespace: agent.namespace, config, takes, up, kind }, facts);
}
