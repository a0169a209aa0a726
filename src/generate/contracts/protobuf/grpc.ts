import type { DescriptorProto, FileDescriptorProto, ServiceDescriptorProto } from '@bufbuild/protobuf/wkt';
import { UserError } from '../../../errors.ts';
import { harmlessLine } from '../../../harmless.ts';
import { generateCode } from './generate.ts';
import { type FindProto, type KeptProto, keepProto } from './keep-proto.ts';
import { ProtoError } from './proto-error.ts';

/** The services of a contract, as a client calls them. */
export interface GrpcContract {
  services: readonly ServiceDescriptorProto[];
  /** What its methods may take, by full name: `.inventory.v1.Item`. */
  messages: ReadonlyMap<string, DescriptorProto>;
}

/**
 * A contract in Protocol Buffers as a service keeps it, of which a client can be made. `source` is what messages call it,
 * `find` where its imports are.
 *
 * @throws UserError CONTRACT_BROKEN, CONTRACT_UNKNOWN, CONTRACT_EMPTY
 */
export async function keepGrpc(client: string, text: string, source: string, find: FindProto): Promise<KeptProto> {
  const shown = harmlessLine(source);
  let kept: KeptProto;
  try {
    kept = await keepProto(text, shown, find);
  } catch (error) {
    throw error instanceof ProtoError ? unreadable(error, error.place) : error;
  }
  readGrpc(client, kept, source);
  return kept;
}

/** A contract that is kept. @throws UserError as `keepGrpc` */
export function readGrpc(client: string, kept: Pick<KeptProto, 'text' | 'imports'>, source: string): GrpcContract {
  const shown = harmlessLine(source);
  const name = `clients/${client}.proto`;
  const files = parse(name, kept, shown);
  const services = files.find((file) => file.name === name)?.service ?? [];
  if (services.length === 0) {
    throw new UserError({
      code: 'CONTRACT_EMPTY',
      what: `${shown} has no service that a client could call`,
      why: 'It has messages alone.',
      fix: 'Give the file with the line "service … {".',
    });
  }
  const methods = services.flatMap(({ method }) => method.map(({ name }) => name));
  const twice = methods.find((name, index) => methods.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new UserError({
      code: 'CONTRACT_UNKNOWN',
      what: `${shown} has the method ${twice} in two services`,
      why: 'The methods of a client are the functions of one object.',
      fix: 'Give a file with one of the two, and a client for each.',
    });
  }
  return { services, messages: new Map(files.flatMap((file) => messagesIn(`.${file.package}`, file.messageType))) };
}

const messagesIn = (scope: string, messages: readonly DescriptorProto[]): [string, DescriptorProto][] =>
  messages.flatMap((message) => {
    const name = `${scope === '.' ? '' : scope}.${message.name}`;
    return [[name, message] as [string, DescriptorProto], ...messagesIn(name, message.nestedType)];
  });

function parse(
  name: string,
  { text, imports }: Pick<KeptProto, 'text' | 'imports'>,
  shown: string,
): readonly FileDescriptorProto[] {
  try {
    return generateCode(new Map([[name, text], ...imports])).files;
  } catch (error) {
    if (!(error instanceof ProtoError)) throw error;
    const isOwn = error.place.startsWith(name);
    throw unreadable(error, isOwn ? shown + error.place.slice(name.length) : `contracts/${error.place}`);
  }
}

function unreadable(error: ProtoError, place: string): UserError {
  const isImport = error.message.startsWith('it imports');
  return new UserError({
    code: isImport ? 'CONTRACT_UNKNOWN' : 'CONTRACT_BROKEN',
    what: `${place} cannot be read as a contract`,
    why: `It says: ${harmlessLine(error.message)}.`,
    fix: isImport ? fixOfImport(place) : 'Mend it at that place, or give another file.',
  });
}

/** One address is asked, once; who has the folder has its imports too. */
const fixOfImport = (place: string): string =>
  /^https?:/.test(place)
    ? 'No imports are fetched from behind an address: download the folder that they begin at, and give the file in it.'
    : 'Give the file where it lies: what it imports is looked for in its folder and in those above it.';

/** Characters of a line, as the formatter of a service has it. */
const widest = 120;

/** The module of a client: its services, and their methods as the functions of one object. */
export function grpcModule(client: string, { services }: GrpcContract): string {
  const names = services.map(({ name }) => name);
  const sorted = [...names].sort();
  const [start, end] = ['import {', `} from '../generated/clients/${client}_pb.ts';`];
  const line = `${start} ${sorted.join(', ')} ${end}`;
  return `${[
    ...(line.length <= widest ? [line] : [start, ...sorted.map((name) => `  ${name},`), end]),
    "import type { RpcCaller } from '../platform/rpc-client/rpc-caller.ts';",
    '',
    `/** The services of contracts/clients/${client}.proto. */`,
    `export const services = [${names.join(', ')}] as const;`,
    '',
    '/** Their methods, as functions. */',
    'export const createClient = (rpc: RpcCaller) => ({',
    ...names.map((name) => `  ...rpc.client(${name}),`),
    '});',
  ].join('\n')}\n`;
}

/** Methods that were in a contract and are not any more: `inventory.v1.InventoryService/GetItem`. */
export function methodsGone(before: GrpcContract, after: GrpcContract): string[] {
  const left = new Set(methodsOf(after));
  return methodsOf(before).filter((method) => !left.has(method));
}

const methodsOf = ({ services }: GrpcContract): string[] =>
  services.flatMap(({ name, method }) => method.map((one) => `${name}/${one.name}`));

/** @throws UserError where callers by the contract of before would miss methods */
export function checkNothingGone(client: string, before: GrpcContract, after: GrpcContract): void {
  const gone = methodsGone(before, after);
  if (gone.length === 0) return;
  const rest = gone.length > 3 ? ` and ${gone.length - 3} more` : '';
  throw new UserError({
    code: 'CONTRACT_BREAKS',
    what: `The contract of ${client} has no ${gone.slice(0, 3).join(', ')}${rest} any more`,
    why: 'The client that is here has it, and who calls it would not compile.',
    fix: `Ask who owns ${client}. Where nothing calls it: msvc remove client ${client}, then add it again.`,
  });
}
