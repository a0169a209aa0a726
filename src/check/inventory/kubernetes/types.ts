import type { KubeObject } from '../../sources/snapshot.ts';

/**
 * The shapes of built-in kinds as far as the judgement reads them. The API server validates these kinds; a recording
 * or a folder of YAML may hold anything, so `shaped.ts` repairs what comes in before it is given one of these types.
 */
export interface ProbeHandler {
  httpGet?: { path?: string; port?: number | string; scheme?: string; host?: string };
  grpc?: { port?: number; service?: string };
  tcpSocket?: { port?: number | string; host?: string };
  exec?: { command?: string[] };
  initialDelaySeconds?: number;
  periodSeconds?: number;
  failureThreshold?: number;
}

/** A variable of a container, with its value or where that stands. */
export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: {
    secretKeyRef?: { name?: string; key?: string };
    configMapKeyRef?: { name?: string; key?: string };
  };
}

/** A port that a container declares. */
export interface ContainerPort {
  name?: string;
  containerPort: number;
  /** A text where it is filled in later. */
  hostPort?: number | string;
  protocol?: string;
}

/** What is asked for and allowed, by the name of the resource: `cpu`, `memory`. */
export interface Resources {
  requests?: Readonly<Record<string, unknown>>;
  limits?: Readonly<Record<string, unknown>>;
}

/** A container of a pod or template, with what is kept of it. */
export interface Container {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  env?: EnvVar[];
  envFrom?: { prefix?: string; configMapRef?: { name?: string }; secretRef?: { name?: string } }[];
  ports?: ContainerPort[];
  volumeMounts?: { name: string; mountPath?: string; subPath?: string }[];
  readinessProbe?: ProbeHandler;
  livenessProbe?: ProbeHandler;
  startupProbe?: ProbeHandler;
  lifecycle?: { preStop?: unknown };
  resources?: Resources;
  restartPolicy?: string;
}

/** A volume of a pod: of which claim, ConfigMap, Secret or host path. */
export interface Volume {
  name: string;
  hostPath?: { path?: string };
  configMap?: { name?: string; items?: { key: string; path: string }[] };
  secret?: { secretName?: string; items?: { key: string }[] };
  projected?: { sources?: { configMap?: { name?: string }; secret?: { name?: string; items?: { key: string }[] } }[] };
  persistentVolumeClaim?: { claimName?: string };
}

/** The spec of a pod or template, with what is kept of it. */
export interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  volumes?: Volume[];
  nodeName?: string;
  /** A text where it is filled in later. */
  hostNetwork?: boolean | string;
  restartPolicy?: string;
  serviceAccountName?: string;
  terminationGracePeriodSeconds?: number;
  /** Of the whole pod, which its containers share. */
  resources?: Resources;
}

/** A port that a Service offers. */
export interface ServicePort {
  name?: string;
  port: number;
  targetPort?: number | string;
  nodePort?: number;
  protocol?: string;
  appProtocol?: string;
}

/** A Service, its spec decoded. */
export interface KubeService extends KubeObject {
  spec: {
    type?: string;
    selector?: Record<string, string>;
    ports?: ServicePort[];
    clusterIP?: string;
    externalName?: string;
    externalIPs?: string[];
    publishNotReadyAddresses?: boolean;
  };
}

/** A pod, its spec and status decoded. */
export interface Pod extends KubeObject {
  spec: PodSpec;
  status?: {
    phase?: string;
    podIP?: string;
    conditions?: { type: string; status: string }[];
    containerStatuses?: { name: string; ready?: boolean }[];
  };
}

export { nameOf } from '../../sources/snapshot.ts';

/** The key of an object among those of its kind. */
export const keyOf = (object: KubeObject): string => `${object.metadata.namespace ?? ''}/${object.metadata.name}`;

export const isReady = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');

/** Empty where it has none. */
export const namespaceOf = ({ metadata }: KubeObject): string => metadata.namespace ?? '';
