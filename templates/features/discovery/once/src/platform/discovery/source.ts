/** Where the instances of one service are, as somebody knows them: DNS, Kubernetes, a registry, a setting. */
export interface Source {
  /** Tells the list as soon as it is known and whenever it may have changed. @returns what ends that. */
  watch(listener: Listener): () => void;
  /** Looks again soon, since one of the list does not answer. */
  refresh(): void;
}

export interface Listener {
  /** The whole list, as origins: `http://10.0.0.7:3000`. An empty one is true: nobody is there. */
  found(origins: readonly string[]): void;
  /** The list could not be read; the one before stays in use. */
  failed(error: Error): void;
}
