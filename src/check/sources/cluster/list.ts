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
  const ask = (token: string): Asked => {
    const at = token === '' ? path : `${path}&continue=${encodeURIComponent(token)}`;
    const asked: Asked = { token, page: emptyPage(), dropped: false, rest: Promise.resolve() };
    asked.rest = client.list(at, accept, () => {
      room.giveBack(asked.page.characters);
      asked.page = emptyPage();
      return {
        onItem: (item) => {
          if (!asked.dropped) take(prune(item, type), asked.page, resource.isText ? room : undefined);
        },
        onNext: (next) => {
          asked.next = next;
          asked.onNext?.(next);
        },
      };
    });
    // Looked at when its turn comes; until then a failure is nobody's.
    asked.rest.catch(() => {});
    return asked;
  };
  const drop = (asked: Asked | undefined): void => {
    if (!asked) return;
    asked.dropped = true;
    room.giveBack(asked.page.characters);
    asked.page = emptyPage();
  };
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

  let asked = ask('');
  for (let expired = 0; ; ) {
    // Asked for while this one is still under way: the server makes it while this one is parsed. One page, not all.
    let ahead: Asked | undefined;
    asked.onNext = (next) => {
      if (ahead?.token === next) return;
      drop(ahead);
      ahead = ask(next);
    };
    if (asked.next !== undefined) asked.onNext(asked.next);
    let token: string;
    try {
      token = nextOf(await asked.rest);
      pages.push(asked.page);
    } catch (error) {
      drop(ahead);
      if (!(error instanceof ReadError)) throw error;
      if (error.status === 410 && expired++ < restarts) {
        for (const { characters } of [...pages, asked.page]) room.giveBack(characters);
        pages = [];
        asked = ask('');
        continue;
      }
      const some = pages.length > 0;
      if (error.status === 403) return end(some ? 'partial' : 'forbidden', error.message);
      // Also 404: discovery served it a moment ago, so nothing is proven absent.
      return end(some ? 'partial' : 'error', error.message);
    }
    if (ahead?.token !== token) drop(ahead);
    if (token === '') break;
    asked = ahead?.token === token ? ahead : ask(token);
  }
  const sum = (of: 'odd' | 'shapeless') => pages.reduce((total, page) => total + page[of], 0);
  const [odd, shapeless] = [sum('odd'), sum('shapeless')];
  const strange = [
    ...(odd ? [`${odd} without metadata`] : []),
    ...(shapeless ? [`${shapeless} with a spec of no shape`] : []),
  ];
  return strange.length > 0 ? end('partial', strange.join(', ')) : end('ok');
}

/** A page that was asked for. */
interface Asked {
  /** Of this page; of the first one empty. */
  token: string;
  page: Page;
  /** The list without its items, when all of it is there. */
  rest: Promise<unknown>;
  /** Of the page after it, as soon as that is known. */
  next?: string;
  onNext?: (token: string) => void;
  /** Nobody waits for it any more. */
  dropped: boolean;
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
