import { manifests, sourceTemplates } from '../../../src/cli/templates/manifests.ts';
import { withInstance } from '../../../src/generate/inputs/change-record.ts';
import { longestInstance, whyNoNameOf } from '../../../src/generate/inputs/names.ts';
import { newRecord } from '../../../src/generate/inputs/new-record.ts';
import type { Instance, ServiceRecord } from '../../../src/generate/record.ts';
import { renderTree } from '../../../src/generate/render/render-tree.ts';

/** A kind of instance, and what one of a given name is. */
export const kinds: readonly (readonly [kind: string, instanceOf: (name: string) => Instance])[] = [
  ['clients', (name) => ({ name })],
  ['sagas', (name) => ({ name, steps: 'create-order@self,reserve-stock,charge-card@payments' })],
  ['aggregates', (name) => ({ name })],
  [
    'events',
    (name) => ({ name: `${name.slice(0, longestInstance - 8).replace(/-$/, '')}.created`, direction: 'publish' }),
  ],
];

const bare = newRecord({ name: 'order-service', packageManager: 'npm', features: {} }, '1.0.0', manifests);

const ofEveryLength = Array.from({ length: longestInstance - 3 }, (_, index) =>
  `a${'bcdefghij-'.repeat(8)}`.slice(0, index + 4).replace(/-$/, 'x'),
);

/** Words of the language, its globals, its objects, the platform and this service itself. */
const words = `health settings client clients logger request response error config process console promise object date
  postgres nats events sagas order order-service service as get set buffer array string number boolean symbol json math
  set-timeout abort-signal fastify pino main server routes plugins example idempotency outbox inbox metrics auth input
  output steps saga record result context data event message payload key status broker queue engine before it thing
  account env path fs module require exports self window any never unknown of is infer keyof declare readonly abstract
  out using accessor global global-this escape unescape parse-int is-finite has-own-property is-prototype-of to-string
  value-of to-locale-string then keys entries length call bind apply has toJSON constructor prototype proto index http
  test event-index saga-test shutdown version host port log x a1`.split(/\s+/);

const kebab = (identifier: string): string => identifier.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();

/** Every name that the files of one instance declare or import. */
async function namesAround(kind: string, instanceOf: (name: string) => Instance): Promise<string[]> {
  const instance = instanceOf('some-thing');
  const tree = await renderTree(withInstance(bare, kind, instance, manifests), sourceTemplates);
  const own = [...tree].filter(([path]) => path.endsWith('.ts') && path.includes(instance.name));
  const identifiers = own.flatMap(([, { content }]) =>
    [...content.matchAll(/^(?:import .*|.*\b(?:const|let|function|type|class) .*)$/gm)].flatMap(
      ([line]) => line.match(/\b[a-z][A-Za-z0-9]*\b/g) ?? [],
    ),
  );
  return identifiers.map(kebab);
}

/** Those awkward names that a kind allows. */
export async function allowedNames(kind: string, instanceOf: (name: string) => Instance): Promise<string[]> {
  const { instances } = manifests.find((manifest) => manifest.instances?.kind === kind) ?? {};
  if (!instances) throw new Error(`there are no ${kind}`);
  const all = new Set([...ofEveryLength, ...words, ...(await namesAround(kind, instanceOf))]);
  return [...all].filter((name) => whyNoNameOf(instances, instanceOf(name).name) === undefined).sort();
}

/** A service with an instance of every awkward name that this kind allows. */
export async function awkwardService(
  kind: string,
  instanceOf: (name: string) => Instance,
  from: ServiceRecord = bare,
): Promise<ServiceRecord> {
  const instances = (await allowedNames(kind, instanceOf)).map(instanceOf);
  const distinct = new Map(instances.map((instance) => [instance.name, instance]));
  return [...distinct.values()].reduce((grown, instance) => withInstance(grown, kind, instance, manifests), from);
}
