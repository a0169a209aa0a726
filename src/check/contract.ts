/**
 * `unknown` means nobody could know from what was read; `n-a` means the item does not apply, and needs proof.
 * The words of every report, every exit code and every fixture's file name.
 */
export type Status = 'pass' | 'warn' | 'fail' | 'unknown' | 'n-a';

/**
 * How strong the best evidence is. declared: a label, an annotation · configured: an object exists · wired: attached,
 * its selectors match, its target exists, its status says accepted · observed: ready endpoints, a probe answered.
 * A pass needs `wired` or `observed`.
 */
export type Level = 'none' | 'declared' | 'configured' | 'wired' | 'observed';

/** What a verdict is about: a Service with its workloads, a workload without one, or the whole cluster. */
export interface Subject {
  kind: 'Service' | 'Workload' | 'Cluster';
  namespace?: string;
  name: string;
}

/** Where a fact was read. Values are never secrets: variables are named, their values shown only where they are addresses or switches. */
export interface Evidence {
  /** "Deployment shop/orders" */
  object: string;
  /** Real path in that object: "spec.template.spec.containers[0].readinessProbe" */
  path?: string;
  value?: string;
  /** Where that stands, for objects that came from files: the file's path below what was named. */
  file?: string;
  /** In that file, from 1. */
  line?: number;
}

/** A finding that somebody accepted: it is shown and counted, and keeps the exit code quiet. */
export interface Waiver {
  why: string;
  /** "annotation on Service shop/orders" or "check.yaml:12" */
  source: string;
  /** ISO date after which the finding counts again. */
  expires?: string;
}

/** A list that would have been needed and was not read, or not whole. */
export interface Gap {
  resource: GroupResource;
  /** Absent where the list is of the whole cluster, or where nobody knows whose it is. */
  namespace?: string;
  /** An address that leads where nobody looked: the resource is then what would be behind it. */
  address?: string;
  /** skipped: nobody asked for it. */
  outcome: Exclude<ReadOutcome['outcome'], 'ok' | 'absent'>;
}

/** One reason within a verdict, with what shows it and what to do. */
export interface Finding {
  /**
   * Unique in a run and the same in the next: check, namespace, name, reason, and what tells several of one reason apart
   * (`health-checks/shop/orders/NO_READINESS/orders`); without ReplicaSet hashes and pod suffixes.
   */
  id: string;
  status: 'note' | 'warn' | 'fail' | 'unknown';
  /** UPPER_SNAKE_CASE, stable: what a waiver names. */
  reason: string;
  message: string;
  evidence: Evidence[];
  /** What to do, with the field or the command. */
  fix: string;
  /** The fix as a piece of YAML of the object concerned, to be pasted, where that is known. */
  patch?: string;
  /** Of what nobody could know: the lists that would have told it. The message names the first of them. */
  gaps?: Gap[];
  waived?: Waiver;
}

/** What a check says of one subject: of its findings the gravest, or why it passes. */
export interface Verdict {
  status: Status;
  level: Level;
  subject: Subject;
  /** Of the worst finding, or of the reason to pass. */
  reason: string;
  message: string;
  evidence: Evidence[];
  findings: Finding[];
}

/** A waiver that waives nothing: told, so that a list of them stays true. */
export interface IdleWaiver {
  check: string;
  why: string;
  /** "annotation on Service shop/orders" or "check.yaml:12" */
  source: string;
  /** "ended on 2026-03-31", "matches nothing that was found" */
  because: string;
}

/** What became of reading one list; without a namespace: in the whole cluster. */
export interface ReadOutcome {
  resource: GroupResource;
  namespace?: string;
  /** absent: the API is not served (404 in discovery) · partial: some pages or namespaces · skipped: nobody asked for it. */
  outcome: 'ok' | 'absent' | 'forbidden' | 'error' | 'partial' | 'skipped';
  count: number;
  detail?: string;
}

/** A verdict with the check that gave it. */
export interface CheckResult extends Verdict {
  check: string;
}

/** Something that was seen and is no subject: the platform, a job, an alias. */
export interface NotJudged {
  kind: string;
  namespace?: string;
  name: string;
  reason: string;
}

/** What of a repository was judged, and what was taken for granted. */
export interface JudgedEnvironment {
  /** Overlay, chart or folder, below what was named. */
  name: string;
  /** The command that rendered it. */
  renderedBy?: string;
  /** Whole sentences. */
  assumes: string[];
}

/** A part of a repository, or a cluster, that no report is about. */
export interface NotReported {
  /** Below what was named; of a cluster its context. */
  name: string;
  /** failed: it could not be rendered, or read, so the run is incomplete · not-rendered: nobody wanted it · no-service: nothing in it is judged. */
  outcome: 'failed' | 'not-rendered' | 'no-service';
  /** Of what failed: the error's code and text. */
  code?: string;
  message?: string;
}

/** What only the platform, or what runs, could answer about a service that is still to be applied. */
export interface NotLookedAt {
  check: string;
  subject: Subject;
  message: string;
}

/** Services of which nothing shows what a check is about: they have no cell of it, and are in no count. */
export interface NotShown {
  check: string;
  services: number;
  /** What would show it. */
  shownBy: string;
}

/** What became of one fail or warning since an earlier report. */
export interface Change {
  /**
   * new: was not there, and could have been seen · worse, better: a warning that fails now, and the other way round ·
   * resolved: looked at and not there any more · gone: with its service · unseen: nobody could know this time ·
   * appeared: nobody could know last time · not-comparable: one of the two did not run its check.
   */
  state: 'new' | 'worse' | 'better' | 'resolved' | 'gone' | 'unseen' | 'appeared' | 'not-comparable';
  check: string;
  /** Id of the finding. */
  id: string;
  before?: 'warn' | 'fail';
  now?: 'warn' | 'fail';
  /** Of the finding as it is now. */
  message?: string;
}

/** What changed since an earlier report. */
export interface Changes {
  list: Change[];
  /** Lists that were read then and not this time: "pods in shop". */
  lost: string[];
}

/** A run in numbers. */
export interface Summary {
  /**
   * pass / (pass + warn + fail + unknown), percent with one decimal; null where a list that makes subjects failed or
   * nothing was judged, and for manifests, which are not what runs.
   */
  score: number | null;
  /** decided / the same; null where a list (of manifests: a file) that makes subjects failed or nothing was judged. */
  coverage: number | null;
  items: { check: string; pass: number; warn: number; fail: number; unknown: number; 'n-a': number; waived: number }[];
}

/** Something that takes part in calls: what is judged, and whatever else an edge touches. */
export interface GraphNode {
  /** `shop/orders`, as in the ids of findings; unique in a run. */
  id: string;
  kind: 'Service' | 'Workload';
  namespace: string;
  name: string;
  class: 'application' | 'store' | 'broker' | 'platform' | 'job' | 'load' | 'nothing';
  judged: boolean;
  /** How it is reached from outside the cluster. */
  waysIn: WayIn[];
}

/** A way from outside into a service. */
export interface WayIn {
  /** route: through a gateway or Ingress · direct: a LoadBalancer, NodePort or port of a node. */
  kind: 'route' | 'direct';
  /** Of a route: accepted by something that serves it, pending, refused, or unclear. */
  state?: 'accepted' | 'pending' | 'refused' | 'unclear';
  evidence: Evidence;
}

/** What in the cluster guards the calls of an edge. */
export interface GuardState {
  /**
   * guarded: something opens after failures · partly: for some of the calls · limits: timeouts, retries or connection
   * limits only · inert: configured, and does nothing · unclear: whether it is in force, or whether there is one, could
   * not be read · none-seen: nothing in the cluster; a breaker in the code would not be visible.
   */
  state: 'guarded' | 'partly' | 'limits' | 'inert' | 'unclear' | 'none-seen';
  /** Names of technologies: `Istio DestinationRule`. */
  by: string[];
  evidence: Evidence[];
}

/** That one service is told to use another, or a name outside. */
export interface GraphEdge {
  /** Id of a node. */
  from: string;
  /** Id of a node; absent where the address leads to nothing that was seen. */
  to?: string;
  /** The address as it was written. */
  host: string;
  port?: number;
  /** sync: waits for an answer · async: through a broker · store: its data · platform: telemetry, gateways and the like. */
  style: 'sync' | 'async' | 'store' | 'platform';
  /** `http`, `grpc`, `postgres`, `tcp` …: by the address, the port's own word, or its number. */
  protocol: string;
  /** Where the address leads: to a Service, to one without that port, to nothing, out of the cluster, or where nobody looked. */
  leads: 'service' | 'no-port' | 'absent' | 'literal' | 'outside' | 'unread' | 'unclear';
  /** It stands in a list that several are given whole: a call that may be made. */
  maybe?: true;
  /** Of synchronous calls within the cluster. */
  breaker?: GuardState;
  evidence: Evidence[];
}

/** Something that hides edges: a graph without them is no proof that there are none. */
export interface Unseen {
  reason: 'NO_ADDRESS' | 'IN_SECRETS' | 'BY_REGISTRY' | 'NOT_READ' | 'WAYS_IN_NOT_READ';
  message: string;
  /** Ids of the nodes whose edges may be missing. */
  nodes: string[];
  gaps?: Gap[];
}

/** How services talk, by what certainly stands in objects: each service and whom it uses once. */
export interface Communication {
  /** It waits for an answer of another. */
  sync: number;
  /** It exchanges messages through a broker. */
  async: number;
  /** Ids of nodes, each of which waits for the next: the longest such chain; empty where nobody waits for anybody. */
  longestChain: string[];
}

/** Who uses whom, as far as it stands in objects. What is in code, in Secrets or behind a registry is told in `unseen`. */
export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
  communication: Communication;
  unseen: Unseen[];
}

/**
 * What a request to a running pod asks: a path that one of its probes declares · metrics · its contract · a path that
 * exists nowhere, with a trace and a correlation id of our own · the last lines of its log.
 */
export type ProbePurpose = 'readiness' | 'liveness' | 'startup' | 'metrics' | 'contract' | 'nowhere' | 'logs';

/** What became of one request to a running pod. */
export interface ProbeAnswer {
  purpose: ProbePurpose;
  /** As it was sent to the API server; of a query for the app it says only that there is one (`?…`). */
  request: string;
  /**
   * answered: by the app, whatever its status · refused: by the API server or a mesh · unreached: nobody answered for the
   * app · not-asked: the limits of a run were reached before.
   */
  outcome: 'answered' | 'refused' | 'unreached' | 'not-asked';
  /** HTTP status of what answered. */
  status?: number;
  /** Who refused it, or what was in the way. */
  detail?: string;
  /** There was more than a run reads: nothing follows from what is missing. */
  cut?: true;
}

/** A circuit breaker that a running pod tells of in its metrics. */
export interface ObservedBreaker {
  /** `msvc` is what generated services have. */
  library: 'msvc' | 'opossum' | 'resilience4j' | 'Polly' | 'MicroProfile' | 'Envoy';
  /** As the metrics call it: a target, or whatever the library was told. */
  name: string;
  /** Absent where the metrics only count what happened; off: it lets everything through. */
  state?: 'closed' | 'half-open' | 'open' | 'off';
  /** Name of the metric. */
  metric: string;
}

/** The last lines of a log, counted: no line of it and no value is kept. */
export interface LogSample {
  lines: number;
  /** Lines that are a JSON object. */
  json: number;
  /** Lines of `name=value` pairs, as many programs in Go write them. */
  logfmt: number;
  /** Lines of either kind that have a field for each. */
  fields: { level: number; time: number; message: number; service: number; trace: number; correlation: number };
  /** Such lines that tell of a request, and how many of those carry a trace or correlation id. */
  requests: number;
  requestsWithId: number;
  /** Which ids of our own request stand in it; absent where none was sent. */
  ours?: { trace: boolean; correlation: boolean };
  /** Other pods whose lines carry one of the same ids: "shop/payments-6c5-x". */
  sharedWith: string[];
}

/** What one running pod showed when it was asked. No body, no line of a log and no value of either is in it. */
export interface PodObservation {
  namespace: string;
  pod: string;
  container: string;
  /** In the order in which they were sent. */
  answers: ProbeAnswer[];
  /** What its health said of itself (`status` of a JSON answer), by the purpose of the request. */
  health?: Partial<Record<'readiness' | 'liveness' | 'startup', string>>;
  /** Absent where no metrics were read; empty where they tell of none. */
  breakers?: ObservedBreaker[];
  contract?: { format: 'openapi' | 'swagger' | 'asyncapi'; version?: string };
  /** Headers of an answer in which our own ids came back. */
  echoed?: { correlation: string[]; trace: string[] };
  logs?: LogSample;
}

/** One run, sorted once; every report is a pure function of it. `-o json` prints exactly this. */
export interface CheckRun {
  schema: 'msvc.check/1';
  source: { kind: 'cluster' | 'recording' | 'manifests' | 'repository'; context: string; version: string };
  /** Version of the tool that made it. */
  tool: string;
  startedAt: string;
  results: CheckResult[];
  graph: Graph;
  /** Of a repository: which part of it this is. */
  environment?: JudgedEnvironment;
  /** Of a repository: cells that were left out, in no count. */
  notLookedAt?: NotLookedAt[];
  /** Practices that nothing shows, of all services or of some. */
  notShown?: NotShown[];
  /** Where an earlier report was named. */
  changes?: Changes;
  notJudged: NotJudged[];
  idleWaivers: IdleWaiver[];
  /** Namespaces that have Services, where none was judged: it may have been the wrong one. */
  elsewhere?: string[];
  reads: ReadOutcome[];
  /** Where running pods were asked (`--probe`, `--sample-logs`): what each showed. */
  observations?: PodObservation[];
  summary: Summary;
}

/**
 * Something that a check reads, named as kubectl names resources: `pods`, `deployments.apps`,
 * `destinationrules.networking.istio.io`. Each is a row of the resource table in `sources/resources/`.
 */
export type GroupResource = string;
