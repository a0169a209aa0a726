import { withoutSecrets } from '../../../harmless.ts';
import type { ObservedBreaker } from '../../contract.ts';
import { type Sample, samplesIn } from './exposition.ts';

type State = NonNullable<ObservedBreaker['state']>;

/** How one library tells of its breakers. */
interface Library {
  library: ObservedBreaker['library'];
  /** The breaker that a sample is about; undefined where it is about none. */
  nameIn(sample: Sample): string | undefined;
  /** As its samples say together. */
  stateOf(samples: readonly Sample[]): State | undefined;
  /** Its state may be `off`, and stands behind its other samples: where a text ends before it, nothing is shown. */
  mayBeOff?: true;
}

const numbered: readonly State[] = ['closed', 'half-open', 'open'];

/** What services have that this project generated: a number for each target. */
const msvc: Library = {
  library: 'msvc',
  nameIn: ({ name, labels }) => (/^(http|rpc)_client_circuit$/.test(name) ? labels['peer_service'] : undefined),
  stateOf: ([sample]) => numbered[sample?.value ?? -1],
};

const opossumEvents = new Set([
  ...['fire', 'success', 'failure', 'reject', 'timeout', 'open', 'close', 'halfOpen'],
  ...['fallback', 'semaphoreLocked', 'cacheHit', 'cacheMiss', 'healthCheckFailed', 'shutdown', 'snapshot'],
]);

/** Counts of its events since the process began, under a prefix that may be chosen. */
const opossum: Library = {
  library: 'opossum',
  nameIn: ({ name, labels }) =>
    /(^|_)circuit(_total)?$/.test(name) && opossumEvents.has(labels['event'] ?? '') ? labels['name'] : undefined,
  stateOf: (samples) => {
    const of = (event: string): number => samples.find(({ labels }) => labels['event'] === event)?.value ?? 0;
    if (of('open') === 0) return 'closed';
    // Which of them came last is not told.
    return of('close') === 0 && of('halfOpen') === 0 ? 'open' : undefined;
  },
};

const byWord: Readonly<Record<string, State>> = {
  closed: 'closed',
  half_open: 'half-open',
  open: 'open',
  forced_open: 'open',
  disabled: 'off',
  metrics_only: 'off',
};
/** Before the state was a label, its number was the value. */
const byOrder: readonly State[] = ['closed', 'open', 'half-open', 'off', 'open', 'off'];

const resilience4j: Library = {
  library: 'resilience4j',
  nameIn: ({ name, labels }) => (name.startsWith('resilience4j_circuitbreaker_') ? labels['name'] : undefined),
  stateOf: (samples) => {
    const states = samples.filter(({ name }) => name === 'resilience4j_circuitbreaker_state');
    const [first] = states;
    if (first && !('state' in first.labels)) return byOrder[first.value];
    return byWord[states.find(({ value }) => value === 1)?.labels['state'] ?? ''];
  },
  mayBeOff: true,
};

/** Counts an event when it happens: what never opened is not seen. */
const polly: Library = {
  library: 'Polly',
  nameIn: ({ name, labels }) =>
    /(^|_)resilience_polly_strategy_events(_total)?$/.test(name) && /^OnCircuit/.test(labels['event_name'] ?? '')
      ? [labels['pipeline_name'], labels['pipeline_instance']].filter(Boolean).join('/') || labels['strategy_name']
      : undefined,
  stateOf: (samples) => {
    const happened = new Set(samples.map(({ labels }) => labels['event_name']));
    return happened.size === 1 && happened.has('OnCircuitOpened') ? 'open' : undefined;
  },
};

/** Fault Tolerance of MicroProfile: Quarkus, Open Liberty, WildFly, Helidon. */
const microProfile: Library = {
  library: 'MicroProfile',
  nameIn: ({ name, labels }) =>
    /(^|_)ft_circuitbreaker_(calls|state|opened)/.test(name) ? labels['method'] : undefined,
  stateOf: () => undefined,
};

/** What stands between the two where a cluster's name has dots: Envoy takes only what is before the first for the label. */
const ofOutliers = /^envoy_cluster_(?:(\w+?)_)?outlier_detection_ejections_/;

/** The rest of such a name as it was written, as far as that can be known: a dash became the same sign as a dot. */
const dotted = (rest: string): string => rest.replace(/_svc(_.*)?$/, (end) => end.replaceAll('_', '.'));

/**
 * A proxy has these for a cluster only where outlier detection is configured for it. What Envoy itself calls circuit
 * breakers are limits, and every cluster has them: they show nothing.
 */
const envoy: Library = {
  library: 'Envoy',
  nameIn: ({ name, labels }) => {
    const [found, rest] = ofOutliers.exec(name) ?? [];
    const cluster = labels['envoy_cluster_name'] ?? labels['cluster_name'];
    if (!found || !cluster || cluster.startsWith('inbound|')) return undefined;
    return rest ? `${cluster}.${dotted(rest)}` : cluster;
  },
  // Hosts are taken out one by one: none is out, or some are.
  stateOf: (samples) =>
    samples.find(({ name }) => name.endsWith('_ejections_active'))?.value === 0 ? 'closed' : undefined,
};

const libraries: readonly Library[] = [msvc, opossum, resilience4j, polly, microProfile, envoy];

/** Longer names are shortened: they only have to be recognized. */
const longestName = 200;

/** The circuit breakers that metrics tell of, sorted; their names are the app's own words. */
export function breakersIn(text: string, isCut: boolean): ObservedBreaker[] {
  const found = new Map<string, { by: Library; name: string; samples: Sample[] }>();
  for (const sample of samplesIn(text, isCut))
    for (const by of libraries) {
      const name = by.nameIn(sample);
      if (!name) continue;
      // Of one target over HTTP and gRPC each has its own.
      const key = `${by.library} ${by === msvc ? sample.name : ''} ${name}`;
      const known = found.get(key);
      if (known) known.samples.push(sample);
      else found.set(key, { by, name, samples: [sample] });
    }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, { by, name, samples }]) => {
      const state = by.stateOf(samples);
      if (isCut && by.mayBeOff && !state) return [];
      const metric = samples[0]?.name ?? '';
      return {
        library: by.library,
        name: withoutSecrets(name).slice(0, longestName),
        metric,
        ...(state ? { state } : {}),
      };
    });
}
