import type { ReadOutcome } from '../../contract.ts';
import { projection } from '../resources/projection.ts';
import type { Resource } from '../resources/resources.ts';
import type { KubeObject } from '../snapshot.ts';
import { type Client, ReadError } from './client.ts';
import type { TextBudget } from './text-budget.ts';

/** What became of one list, and what it held. */
export interface Listed {
  outcome: ReadOutcome;
  objects: KubeObject[];
  /** Of the objects, those that were too long to be kept whole. */
  cut: KubeObject[];
}

/** As many as kubectl asks for at a time: the answer stays small for both sides. */
const pageSize = 500;
/** A list that expires more often than this changes faster than it can be read. */
const restarts = 3;
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** What every list of a run is read with. */
export interface Reader {
  client: Client;
  room: TextBudget;
}

/** Reads one list page by page, pruning every page as it arrives. Never throws for what the server does. */
export async function readList(
  { client, room }: Reader,
  resource: Resource,
  version: string,
  namespace?: string,
): Promise<Listed> {
  const base = resource.group === '' ? `/api/${version}` : `/apis/${resource.group}/${version}`;
  const where = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const path = `${base}${where}/${resource.plural}?limit=${pageSize}`;
  const type = { apiVersion: resource.group === '' ? version : `${resource.group}/${version}`, kind: resource.kind };
  const prune = projection(resource.keep);
  const accept = resource.metadataOnly ? metadataOnly : undefined;
  let pages: Page[] = [];
  const end = (outcome: ReadOutcome['outcome'], detail?: string): Listed => {
    const objects = pages.flatMap((page) => page.objects);
    const where = namespace !== undefined && { namespace };
    return {
      outcome: { resource: resource.part, ...where, outcome, count: objects.length, ...(detail && { detail }) },
      objects,
      cut: pages.flatMap((page) => page.cut),
    };
  };

  let token = '';
  for (let expired = 0; ; ) {
    let page = emptyPage();
    try {
      const at = token === '' ? path : `${path}&continue=${encodeURIComponent(token)}`;
      const rest = await client.list(at, accept, () => {
        room.giveBack(page.characters);
        page = emptyPage();
        return (item) => take(prune(item, type), page, resource.isText ? room : undefined);
      });
      token = nextOf(rest);
      pages.push(page);
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
      if (error.status === 410 && expired++ < restarts) {
        for (const { characters } of [...pages, page]) room.giveBack(characters);
        pages = [];
        token = '';
        continue;
      }
      const some = pages.length > 0;
      if (error.status === 403) return end(some ? 'partial' : 'forbidden', error.message);
      // Also 404: discovery served it a moment ago, so nothing is proven absent.
      return end(some ? 'partial' : 'error', error.message);
    }
    if (token === '') break;
  }
  const sum = (of: 'odd' | 'shapeless') => pages.reduce((total, page) => total + page[of], 0);
  const [odd, shapeless] = [sum('odd'), sum('shapeless')];
  const strange = [
    ...(odd ? [`${odd} without metadata`] : []),
    ...(shapeless ? [`${shapeless} with a spec of no shape`] : []),
  ];
  return strange.length > 0 ? end('partial', strange.join(', ')) : end('ok');
}

interface Page {
  objects: KubeObject[];
  cut: KubeObject[];
  /** Items that are no objects. */
  odd: number;
  /** Objects that say something that cannot be read: their definition has no schema, or an older one. */
  shapeless: number;
  characters: number;
}

const emptyPage = (): Page => ({ objects: [], cut: [], odd: 0, shapeless: 0, characters: 0 });

function take(object: KubeObject | undefined, page: Page, room: TextBudget | undefined): void {
  if (!object) {
    page.odd++;
    return;
  }
  page.objects.push(object);
  if ('spec' in object && (typeof object.spec !== 'object' || Array.isArray(object.spec))) page.shapeless++;
  if (!room) return;
  const { characters, cut } = room.fit(object);
  page.characters += characters;
  if (cut) page.cut.push(object);
}

function nextOf(list: unknown): string {
  const { items, metadata } = (list ?? {}) as { items?: unknown; metadata?: { continue?: unknown } };
  // An empty list is `[]`; of some aggregated servers it is null.
  if (items !== null && !Array.isArray(items)) throw new ReadError(0, 'the answer is no list');
  return typeof metadata?.continue === 'string' ? metadata.continue : '';
}
