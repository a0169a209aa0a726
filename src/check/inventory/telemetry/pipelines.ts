import type { KubeService } from '../kubernetes/types.ts';

export type Signal = 'traces' | 'logs';

/** What a pipeline hands its signal to. */
export interface Exporter {
  name: string;
  /** hidden: its address is not visible, or it leads into a module. */
  leads: 'somewhere' | 'nowhere' | 'debug' | 'unread' | 'hidden';
  host?: string;
  port?: number;
  service?: KubeService;
  /** What the collector that it leads to does with it: "which only prints them". */
  there?: string;
}

/** Where one pipeline of a collector ends. */
export interface Pipeline {
  exporters: Exporter[];
  receivers: string[];
  object: string;
  path: string;
}

/** Which pods a component that asks the API for logs looks at. */
export interface PodsAsked {
  /** Those of its own node alone. */
  ownNode: boolean;
  /** Undefined where all. */
  namespaces?: readonly string[];
  /** Rules keep or drop some of them, by what nobody can follow here. */
  chooses: boolean;
}

/** What a collector does with what it gets. */
export interface CollectorConfig {
  /** False where its configuration is not visible: it is in the image, in a Secret, or cannot be understood. */
  visible: boolean;
  /** False where parts of it are brought in from elsewhere. */
  whole: boolean;
  /** Ports on which a receiver listens; undefined where its configuration does not say. */
  ports: Map<string, readonly number[] | undefined>;
  /** Those of them that only its own pod can reach: bound to localhost. */
  withinPod: Map<string, readonly number[]>;
  pipelines: Record<Signal, Pipeline[]>;
  /** What it asks the API for the logs of; one entry a reader. */
  podsAsked: PodsAsked[];
}
