import type { Evidence } from '../../contract.ts';
import type { Facts } from '../../inventory/facts.ts';
import { behind } from '../../inventory/ledger.ts';
import { exporterText, followedExporters } from '../../inventory/telemetry/collector.ts';
import type { CollectorConfig, Exporter } from '../../inventory/telemetry/pipelines.ts';
import type { Chosen } from '../../inventory/telemetry/vendor-agents.ts';
import { arrives, cannotTell, isWrong, type Outcome, type Target } from './outcome.ts';

/** A collector that an address leads to. */
export interface CollectorEnd {
  name: string;
  namespace: string;
  config: CollectorConfig;
  /** Whether a receiver of its traces pipelines listens there; undefined where nobody can tell. */
  takes: boolean | undefined;
  /** What shows that it is up, and how that is said: "a collector that is up". */
  up: Evidence;
  kind: string;
}

const noPipelineThere = (target: Target, { name }: CollectorEnd, pipeline: Evidence[]): Outcome =>
  isWrong(target, {
    status: 'warn',
    reason: 'NO_TRACES_PIPELINE',
    message: `it sends traces to ${target.shown}${target.setting && ` (${target.setting})`}, and no receiver of a traces pipeline of ${name} listens there: they are dropped`,
    evidence: pipeline,
    fix: 'Send to a port of a receiver that stands in service.pipelines.traces.',
  });

/** Follows spans through a collector: its pipeline, and where that ends. */
export function throughCollector(target: Target, end: CollectorEnd, facts: Facts): Outcome {
  const { name, namespace, config, takes, up, kind } = end;
  if (!config.visible) {
    const gaps = facts.ledger.gaps(['configmaps'], namespace);
    if (gaps.length > 0) return cannotTell(target, gaps, `What the collector ${name} does with traces is not visible`);
    return isWrong(target, {
      status: 'unknown',
      reason: 'PIPELINE_HIDDEN',
      message: `the collector ${name} is up, and where it sends traces is not visible (its configuration is in its image or a Secret)`,
      fix: 'Put the collector’s configuration in a ConfigMap or an OpenTelemetryCollector.',
    });
  }
  const exporters = followedExporters(config, 'traces', facts);
  const pipeline = config.pipelines.traces.map(
    ({ object, path, exporters: own }): Evidence => ({ object, path, value: exporterText(own) }),
  );
  if (config.pipelines.traces.length > 0 && takes === false) return noPipelineThere(target, end, pipeline);
  const leading = exporters.filter(({ leads }) => leads === 'somewhere');
  if (leading.length > 0)
    return arrives(target, `sends traces to ${target.shown}, ${kind} and passes them to ${exporterText(leading)}`, [
      up,
      ...pipeline,
    ]);
  const unseen = exporters.find(({ leads }) => leads === 'unread');
  if (unseen)
    return cannotTell(
      target,
      [behind(unseen.host ?? 'its exporter')],
      `Nobody can say whether ${name} passes traces on`,
    );
  return endsNowhere(target, end, exporters, pipeline);
}

function endsNowhere(
  target: Target,
  { name, config }: CollectorEnd,
  exporters: Exporter[],
  evidence: Evidence[],
): Outcome {
  if (config.pipelines.traces.length === 0)
    return isWrong(target, {
      status: 'warn',
      reason: 'NO_TRACES_PIPELINE',
      message: `the collector ${name} has no pipeline for traces: they are dropped`,
      fix: 'Add service.pipelines.traces to its configuration.',
    });
  if (exporters.some(({ leads }) => leads === 'hidden'))
    return isWrong(target, {
      status: 'unknown',
      reason: 'PIPELINE_HIDDEN',
      message: `the collector ${name} is up, and where it sends traces is not visible (${exporterText(exporters)})`,
      evidence,
      fix: 'Give the exporter its address as a plain value.',
    });
  const next = exporters.find(({ there }) => there !== undefined);
  if (exporters.every(({ leads }) => leads === 'debug'))
    return isWrong(target, {
      status: 'warn',
      reason: 'DEBUG_ONLY',
      message: next
        ? `the collector ${name} passes traces to ${next.host}, ${next.there}`
        : `the collector ${name} only prints traces (${exporterText(exporters)})`,
      evidence,
      fix: 'Add an exporter to a tracing backend (Jaeger, Tempo, a vendor).',
    });
  return isWrong(target, {
    status: 'warn',
    reason: 'DESTINATION_ABSENT',
    message: next
      ? `the collector ${name} passes traces to ${next.host}, ${next.there}`
      : `the collector ${name} passes traces to ${exporters.map((each) => each.host ?? each.name).join(', ')}, which does not exist`,
    evidence,
    fix: next
      ? `Give ${next.host} a pipeline for traces that ends at a backend, and send to a port of its receiver.`
      : 'Deploy the backend or correct the exporter’s endpoint.',
  });
}

/** Follows spans into a vendor’s agent, which knows where to send them. */
export function throughVendor(
  target: Target,
  { vendor, name, chosen, up }: { vendor: string; name: string; chosen: Chosen; up: Evidence },
): Outcome {
  const { choice, evidence, fix = '' } = chosen;
  if (choice === 'on')
    return arrives(target, `sends traces to ${target.shown}, where ${vendor}’s agent ${name} takes them`, [
      up,
      ...evidence,
    ]);
  if (choice === 'off')
    return isWrong(target, {
      status: 'warn',
      reason: 'NO_TRACES_PIPELINE',
      message: `it sends traces to ${target.shown}, and ${vendor}’s agent ${name} takes none there: they are lost`,
      evidence,
      fix: fix || 'Send to a collector.',
    });
  return isWrong(target, {
    status: 'unknown',
    reason: 'PIPELINE_HIDDEN',
    message: `it sends traces to ${target.shown}; whether ${vendor}’s agent ${name} takes them is not visible`,
    evidence,
    fix: `Look in ${vendor}’s own pages whether its traces arrive.`,
  });
}
