import { resolve } from 'node:path';
import { findPlace } from '../../generate/files/find-place.ts';
import { realPlace } from '../../generate/files/real-place.ts';
import type { Place } from '../../generate/inputs/place.ts';
import { upFrom } from '../../generate/record.ts';
import { isIgnored } from '../../generate/tools/git.ts';
import type { Ports } from '../../ports.ts';

/** Where a service (absolute) lies in its repository. One that git leaves out is no part of that; undefined: nobody can tell. */
export async function placeOf(service: string, { env, signal }: Ports): Promise<Place | undefined> {
  const root = (await realPlace(service)) ?? service;
  const place = await findPlace(root);
  if (!place?.repository) return place;
  const { folder } = place.repository;
  return (await isIgnored(resolve(root, upFrom(folder)), folder, { env, signal })) ? {} : place;
}
