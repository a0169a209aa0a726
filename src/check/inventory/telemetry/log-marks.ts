import { appContainers } from '../configuration/references.ts';
import type { Setting } from '../configuration/settings.ts';
import type { Component } from '../graph/components.ts';
import { mainContainer } from '../graph/main-container.ts';
import { imageReference } from '../kubernetes/images.ts';
import type { Labels } from '../kubernetes/selectors.ts';
import { type Workload, workloadName } from '../kubernetes/workloads.ts';
import type { Chosen } from './vendor-agents.ts';

/** By what a pod asks an agent to take its logs, where the agent is told to take no others. */
const invitation = {
  image: /(^|\/)(filebeat|elastic-agent)/,
  told: /\bhints["']?(?:\.|[ \t]*:\s)[\s\S]{0,200}?default_config["']?(?:\.|[ \t]*:\s*\{?\s*["']?)enabled["']?[ \t]*:[ \t]*["']?false\b/,
  mark: /^co\.elastic\.logs(\.[\w-]+)?\//,
};

/** By what a pod asks an agent to leave its logs out, and when the agent heeds it. */
interface Marks {
  image: RegExp;
  /** labels or annotations of the pod. */
  from: 'label' | 'annotation';
  asks(name: string, value: string, container: string): boolean;
  /** Its switch in the agent's own files; without one it is heeded always. */
  heeded?: RegExp;
}

const yes = /^(true|1|yes|on)$/i;

const marks: readonly Marks[] = [
  {
    // https://docs.fluentbit.io: fluentbit.io/exclude[_stream][-container], where the filter's K8S-Logging.Exclude is on.
    image: /fluent-?bit/,
    from: 'annotation',
    asks: (name, value, container) =>
      (name === 'fluentbit.io/exclude' || name === `fluentbit.io/exclude-${container}`) && yes.test(value),
    heeded: /^[ \t-]*["']?k8s-logging\.exclude["']?[ \t]*[:=]?[ \t]+["']?(on|true|yes)\b/im,
  },
  {
    // https://vector.dev: its source kubernetes_logs selects vector.dev/exclude!=true by itself.
    image: /(^|\/)vector$/,
    from: 'label',
    asks: (name, value) => name === 'vector.dev/exclude' && value === 'true',
  },
  {
    // https://vector.dev: names of containers, separated by commas.
    image: /(^|\/)vector$/,
    from: 'annotation',
    asks: (name, value, container) =>
      name === 'vector.dev/exclude-containers' && value.split(',').some((each) => each.trim() === container),
  },
  {
    // https://www.elastic.co: hints-based autodiscover.
    image: /(^|\/)(filebeat|elastic-agent)/,
    from: 'annotation',
    asks: (name, value, container) =>
      (name === 'co.elastic.logs/enabled' || name === `co.elastic.logs.${container}/enabled`) && /^false$/i.test(value),
    heeded:
      /^[ \t-]*["']?(?:[\w.]{0,60}\.)?hints(?:\.enabled["']?[ \t]*:[ \t]*["']?true|["']?[ \t]*:\s*\n[ \t]+enabled:[ \t]*["']?true)\b/im,
  },
];

function markOf(
  { from, asks }: Marks,
  workload: Workload,
  container: string,
): { path: string; value: string } | undefined {
  const held: Labels = from === 'label' ? workload.podLabels : workload.podAnnotations;
  const found = Object.entries(held).find(([name, value]) => asks(name, value, container));
  return found && { path: `${workload.metadataPath}.${from}s["${found[0]}"]`, value: found[1] };
}

/**
 * What a pod itself asks of an agent: that its logs be left out, which the agent does where its switch for that is on.
 * Undefined where it asks nothing of this one. `files`: what the agent is told by files that were seen.
 */
export function leftOutByMark(agent: Workload, of: Component, files: readonly Setting[]): Chosen | undefined {
  const images = appContainers(agent).map(({ image = '' }) => imageReference(image).repository);
  const own = marks.filter(({ image }) => images.some((each) => image.test(each)));
  const container = mainContainer(of)?.name ?? '';
  for (const mark of own) {
    for (const workload of of.workloads) {
      const asked = markOf(mark, workload, container);
      if (!asked) continue;
      const { heeded } = mark;
      const on = !heeded || files.some(({ value }) => heeded.test(value));
      // Told by files that were seen, and without its switch, it takes the logs all the same.
      if (!on && files.length > 0) continue;
      return {
        choice: on ? 'off' : 'unclear',
        evidence: [{ object: workloadName(workload), ...asked }],
        fix: `Remove that ${mark.from} from its pods.`,
      };
    }
  }
  return uninvited(images, of, files);
}

function uninvited(images: readonly string[], of: Component, files: readonly Setting[]): Chosen | undefined {
  const told = files.find(({ value }) => value.length <= 256 * 1024 && invitation.told.test(value));
  if (!told || !images.some((image) => invitation.image.test(image))) return undefined;
  const asked = of.workloads.some(({ podAnnotations }) =>
    Object.keys(podAnnotations).some((name) => invitation.mark.test(name)),
  );
  if (asked) return undefined;
  return {
    choice: 'off',
    evidence: of.workloads.map((workload) => ({
      object: workloadName(workload),
      path: `${workload.metadataPath}.annotations["co.elastic.logs/enabled"]`,
      value: 'not set',
    })),
    fix: 'Annotate its pods with co.elastic.logs/enabled: "true": the agent is told to take no others.',
  };
}
