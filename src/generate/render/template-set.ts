import type { NameForms } from '../inputs/name-forms.ts';
import type { FeatureManifest, Preset } from '../manifest.ts';
/** One template file. Only files stored as `<path>.hbs` are rendered; every other is copied byte for byte. */
export interface TemplateFile {
  /** Path in the service, `/`-separated; `_gitignore` is already `.gitignore`; may hold `__name__` in `each/`, `__service__` in `once/`. */
  path: string;
  mode?: number;
  /** @throws Error where the template uses a value that the view lacks */
  render(view: object): string;
}

/** The four folders of a feature. `F` is a file: as read, as packed or ready to render. */
export interface TemplatePart<F = TemplateFile> {
  /** Rendered once a service. */
  once: readonly F[];
  /** Rendered once an instance; `__name__` in a path becomes the instance's name. */
  each: readonly F[];
  /** Contributions to shared files (package.json, .env.example, kustomization.yaml, …), merged by structure. */
  merge: readonly F[];
  /** The same, once an instance. */
  mergeEach: readonly F[];
}

export interface Feature<F = TemplateFile> extends TemplatePart<F> {
  manifest: FeatureManifest;
  /**
   * `with/<other>/`, by the other's id: rendered exactly where the service has both; a path there replaces the same path
   * of the two. Instances and answers are this feature's.
   */
  with: Readonly<Record<string, TemplatePart<F>>>;
  /** `README.md` or `README.md.hbs`: this feature's part of the service's README. */
  readme?: F;
}

/** All templates of one version of create-microservice. Made from `templates/`, precompiled at build. */
export interface TemplateSet<F = TemplateFile> {
  /** The version of create-microservice they belong to: `generator` of every record they render. */
  version: string;
  /** Present in the package that a registry serves: only of that one a service can say that it depends on it. */
  published?: true;
  base: readonly F[];
  features: readonly Feature<F>[];
  presets: readonly Preset[];
  /** What a cluster needs once, for all services together; no part of any service. */
  platform: readonly F[];
}

/** What a template sees. `instance` only in `each/` and `mergeEach/`. */
export interface View {
  /** `rpc` is its service in Protocol Buffers: `InventoryService`. */
  service: NameForms & { description: string; context: string; owner: string; rpc: string };
  generator: { version: string; isPublished: boolean };
  /** Where the service lies; paths are `/`-separated, from the repository unless said. */
  repository: {
    /** False where the service is all of it. */
    isShared: boolean;
    /** `services/orders/`, or empty. */
    path: string;
    /** `services/orders`, or `.`. */
    folder: string;
    /** The file that GitHub reads. */
    workflow: string;
    /** True where the lock file is that of a workspace, whose package.json alone says what is overridden. */
    isWorkspace: boolean;
    hasOwnLock: boolean;
    /** The folder that an image is built from: the one with the lock file. */
    context: string;
    /** The same with a slash, or empty. */
    lockPath: string;
    /** From the workspace to the service, and back: `services/orders` and `../..`. */
    member: string;
    up: string;
  };
  /** The words of the chosen package manager. */
  packageManager: {
    name: string;
    version: string;
    lockfile: string;
    install: string;
    ci: string;
    run: string;
    exec: string;
    isNpm: boolean;
    isPnpm: boolean;
  };
  /** All features of the service, sorted by id; `readme` is each one's README part, rendered and trimmed. */
  features: readonly { id: string; title: string; summary: string; readme: string }[];
  /** Which of the known features the service has, by id: `{{#if has.postgres}}`. */
  has: Readonly<Record<string, boolean>>;
  /** Comma-separated values of the annotations in `src/marks.ts`. */
  marks: { calls: string; publishes: string; subscribes: string };
  /** Instances of all known kinds, sorted by name; an empty list where the service has none. */
  instances: Readonly<Record<string, readonly InstanceView[]>>;
  /** Answers of the feature whose template this is, as in an instance. */
  answers: Readonly<Record<string, unknown>>;
  instance?: InstanceView;
}

/**
 * `port` is where a service of that name listens on a developer's machine.
 *
 * Answers by question: lists as the name forms of their elements, and beside a choice `engine` an object `engineIs` with
 * one field a choice (`{{#if engineIs.dbos}}`).
 */
export type InstanceView = NameForms & Readonly<Record<string, unknown>>;
