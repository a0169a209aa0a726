/** A file as the templates say it should be. `mode` is a POSIX mode such as 0o755. */
export interface RenderedFile {
  content: string;
  mode?: number;
}

/** Every file of a service as rendered, by path, in a fixed order. */
export type RenderedTree = ReadonlyMap<string, RenderedFile>;
