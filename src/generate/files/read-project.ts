import type { Project } from '../plan/project.ts';

/**
 * The service that `from` lies in: the nearest folder upward with `.msvc/service.json`. A run that was killed before is
 * finished or undone first. `generator` is the version of the templates. UserError `NOT_A_SERVICE`, `RECORD_BROKEN`
 * (with file and line), `RECORD_NEWER`, `BUSY`.
 */
export async function readProject(_from: string, _generator: string): Promise<Project> {
  throw new Error('readProject is being written');
}
