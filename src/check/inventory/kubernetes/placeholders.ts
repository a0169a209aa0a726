/** Text that something fills in before it is applied: `${TAG}` of envsubst and Flux, `$(TAG)` and `%TAG%` of pipelines. */
export const isPlaceholder = (text: string): boolean =>
  /\$\{[^}]*\}|\$\([^)]*\)|%[A-Z_]+%|<[A-Z_]+>|\$[A-Z_]{2,}/.test(text);

/** Stands for the number of a port that is filled in later: no port has it. */
export const laterPort = 0;
