import { type ServiceRecord, upFrom } from '../record.ts';

/**
 * Where a rendered file belongs, which only differs where the service shares its repository: GitHub reads nothing of
 * `.github` but at the root of that. Undefined where it belongs nowhere, because there is one for the whole repository.
 */
export function placeFile(
  path: string,
  { name, repository }: Pick<ServiceRecord, 'name' | 'repository'>,
): string | undefined {
  if (!repository) return path;
  const { folder, workspace } = repository;
  if (path === '.github/workflows/service.yml') return `${upFrom(folder)}/.github/workflows/${name}.yml`;
  if (path === '.github/dependabot.yml') return undefined;
  // The build context is the workspace; beside the Dockerfile, its list counts for this image alone.
  if (path === '.dockerignore' && workspace !== undefined) return 'Dockerfile.dockerignore';
  return path;
}
