import { annotation, label } from '../../../marks.ts';
import type { Component } from '../graph/components.ts';
import { mainContainer } from '../graph/main-container.ts';
import { imageOf } from '../kubernetes/images.ts';
import { isPlaceholder } from '../kubernetes/placeholders.ts';
import type { Labels } from '../kubernetes/selectors.ts';
import { memoizeByIdentity } from '../memoize.ts';
import { isRuntime } from '../technologies/runtimes.ts';

/** Labels and annotations by which one system, or one release, knows its parts. */
const systems = [annotation.context, label.partOf, 'app.openshift.io/part-of', 'argocd.argoproj.io/instance'];
const releases = ['app.kubernetes.io/instance', 'meta.helm.sh/release-name', 'helm.toolkit.fluxcd.io/name'];
const charts = ['helm.sh/chart'];

/** How charts of before said it; without this sign, `release: stable` is a track. */
const isOfOldChart = (labels: Labels): boolean => /^(Helm|Tiller)$/.test(labels['heritage'] ?? '');

interface Marks {
  systems: ReadonlySet<string>;
  releases: ReadonlySet<string>;
  charts: ReadonlySet<string>;
}

const marksOf = memoizeByIdentity(({ workloads }: Component): Marks => {
  const holders = workloads.flatMap(({ labels, annotations, podLabels, podAnnotations }) => [
    labels,
    annotations,
    podLabels,
    podAnnotations,
  ]);
  const marks = (keys: readonly string[], old: string[]): ReadonlySet<string> =>
    new Set(
      holders.flatMap((all) =>
        [...keys, ...(isOfOldChart(all) ? old : [])].flatMap((key) => (all[key] ? [`${key}=${all[key]}`] : [])),
      ),
    );
  return { systems: marks(systems, []), releases: marks(releases, ['release']), charts: marks(charts, ['chart']) };
});

const meet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => [...a].some((mark) => b.has(mark));

/** One chart may be released twice: it joins only what no release tells apart. */
function isHeldTogether(a: Component, b: Component): boolean {
  if (a.namespace !== b.namespace) return false;
  const [one, other] = [marksOf(a), marksOf(b)];
  if (meet(one.systems, other.systems) || meet(one.releases, other.releases)) return true;
  return (one.releases.size === 0 || other.releases.size === 0) && meet(one.charts, other.charts);
}

interface Process {
  image: string;
  /** What it is started with, as text. */
  command: string;
}

const processOf = memoizeByIdentity((component: Component): Process | undefined => {
  const container = mainContainer(component);
  const image = container && imageOf(container, component.workloads);
  if (!container || !image || isRuntime(image) || isPlaceholder(image)) return undefined;
  return { image, command: JSON.stringify([container.command ?? [], container.args ?? []]) };
});

/**
 * Whether two are processes of one application: one image, started in two ways, that one release or system holds. Its
 * web and its workers are made, tested and released together.
 */
export function isOneApplication(a: Component, b: Component): boolean {
  const [one, other] = [processOf(a), processOf(b)];
  if (!one || !other || one.image !== other.image || one.command === other.command) return false;
  return isHeldTogether(a, b);
}
