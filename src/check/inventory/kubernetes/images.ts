import type { Container } from './types.ts';
import type { Workload } from './workloads.ts';

/** An image reference taken apart: `registry/path/name:tag@sha256:…`. */
export interface ImageReference {
  /** Everything before tag and digest. */
  repository: string;
  /** Last part of the repository: "postgres". */
  name: string;
  tag?: string;
  digest?: string;
}

export function imageReference(image: string): ImageReference {
  const [reference = '', digest] = image.split('@', 2);
  const slash = reference.lastIndexOf('/');
  const colon = reference.indexOf(':', slash + 1);
  const repository = colon < 0 ? reference : reference.slice(0, colon);
  const tag = colon < 0 ? undefined : reference.slice(colon + 1);
  return {
    repository: repository.toLowerCase(),
    name: repository.slice(slash + 1).toLowerCase(),
    ...(tag ? { tag } : {}),
    ...(digest ? { digest } : {}),
  };
}

/** A tag that names no version at all: nobody can tell what runs. A digest always does. */
export const isUnpinned = ({ tag, digest }: ImageReference): boolean =>
  digest === undefined && (tag === undefined || tag === 'latest');

/** A tag that names a line of versions and moves: `alpine`, `stable`, `main`. */
export const isFloating = ({ tag, digest }: ImageReference): boolean =>
  digest === undefined && tag !== undefined && !/\d|^[0-9a-f]{7,}$/.test(tag);

/** The image that runs: an injector fills `auto` in, so that only the pods tell. */
export const imageOf = (container: Container, workloads: readonly Workload[]): string | undefined =>
  container.image !== 'auto'
    ? container.image
    : workloads
        .flatMap(({ pods }) => pods.flatMap(({ spec }) => spec.containers))
        .find(({ name, image }) => name === container.name && image !== 'auto')?.image;
