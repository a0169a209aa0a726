import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../errors.ts';
import type { PackageManager, ServiceRecord, SharedRepository } from '../record.ts';

/** What was found of the repository around a service. */
export interface Place {
  /** Absent where the service is all of its repository. */
  repository?: SharedRepository;
  /** The package manager of the workspace that it is a member of. */
  manager?: PackageManager;
  /** A workspace above that does not list the service. */
  strangerTo?: string;
}

// Dockerfiles, pipelines and YAML hold these paths without quotes.
const folder = /^[A-Za-z0-9_@][A-Za-z0-9_.@-]*(?:\/[A-Za-z0-9_@][A-Za-z0-9_.@-]*)*$/;

/** Why a service cannot be told to lie there, or undefined where it can. */
export function whyNoPlace(place: { readonly [K in keyof SharedRepository]?: unknown }): string | undefined {
  const [own, workspace] = [place.folder, place.workspace];
  const isPath = (value: unknown): value is string => typeof value === 'string' && folder.test(value);
  if (!isPath(own)) return 'a folder is a path of letters, digits, @ . _ and -';
  if (workspace === undefined || workspace === '.') return undefined;
  return isPath(workspace) && own.startsWith(`${workspace}/`) ? undefined : 'the workspace is no folder around it';
}

/** The record of a service that lies there; where nothing was found, it stays as it was. */
export function withPlace(record: ServiceRecord, place: Place | undefined): ServiceRecord {
  if (!place) return record;
  const { repository: _, ...alone } = record;
  return place.repository ? { ...alone, repository: place.repository } : alone;
}

/** What was decided about the place of a service, a sentence each. */
export function placeNotes({ repository, manager, strangerTo }: Place, name: string): string[] {
  if (!repository) return [];
  const { folder: own, workspace } = repository;
  return [
    `${own} is part of a larger repository: its pipeline is .github/workflows/${name}.yml there`,
    `Dependabot has one file for all of it: add ${own} to .github/dependabot.yml there`,
    ...(workspace === undefined
      ? []
      : [
          `it is a member of the ${manager} workspace ${workspace === '.' ? 'there' : `in ${workspace}`}: installed and built with the lock file of that`,
        ]),
    ...(strangerTo === undefined
      ? []
      : [`${strangerTo} does not list it, so it has a lock file of its own; list it first, then: msvc update`]),
  ];
}

/** What is said where a service is found elsewhere than its record says; nothing where it is not. `name` is its name now. */
export function movedNotes({ repository }: ServiceRecord, place: Place | undefined, name: string): string[] {
  if (!place || isDeepStrictEqual(place.repository, repository)) return [];
  if (place.repository) return placeNotes(place, name);
  return [
    `it is all of its repository now; the one that it left may still have its pipeline: .github/workflows/${name}.yml`,
  ];
}

/** A workspace has one lock file. @throws UserError WORKSPACE_DECIDES where that is another package manager's */
export function checkManager(wanted: PackageManager, { manager }: Place): void {
  if (manager === undefined || manager === wanted) return;
  throw new UserError({
    code: 'WORKSPACE_DECIDES',
    what: `The package manager cannot be ${wanted} here`,
    why: `The workspace that the service is a member of is installed by ${manager}, from one lock file.`,
    fix: `Move the workspace to ${wanted} first, or stay with ${manager}.`,
  });
}
