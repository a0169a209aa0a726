import type { ServiceRecord } from '../record.ts';

/** A file of a project as it is on disk. */
export interface DiskFile {
  content: string;
  /** POSIX permission bits, such as 0o644. */
  mode: number;
  /** Present where the bytes are no UTF-8 text: `content` is then lossy and must not be written. */
  binary?: true;
}

/** A service on disk: what it was asked to be, what was rendered for it last, and a way to read what it is now. */
export interface Project {
  /** Absolute path of the folder that holds `.msvc/`. */
  root: string;
  record: ServiceRecord;
  /** `.msvc/service.json` as on disk. */
  recordText: string;
  /** `.msvc/base/`: each managed file as last rendered, by path. */
  base: ReadonlyMap<string, string>;
  /** The files among these paths that exist. @throws UserError LINK_LEADS_OUT where a path leaves the project */
  read(paths: Iterable<string>): Promise<ReadonlyMap<string, DiskFile>>;
}
