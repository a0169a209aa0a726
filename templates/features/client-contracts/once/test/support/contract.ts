import { readFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { Check } from 'typebox/schema';
import type { ClientContract, ContractClient } from '../../src/platform/http-client/contract.ts';
import { sample } from './sample.ts';
import { startUpstream, type Upstream } from './upstream.ts';

type Fields = Record<string, unknown>;
type Operation = ClientContract['operations'][string];

export interface ContractServer extends Upstream {
  document: Fields;
  /** What was wrong with the requests, by the contract. */
  complaints: string[];
}

interface Call {
  name: string;
  /** Asks the operation for a sample. */
  call(): Promise<unknown>;
  /** An answer that the contract does not allow; absent where it allows any. */
  broken: RequestListener | undefined;
}

/** A real HTTP server that plays a service by its contract, a file of this project. */
export async function startContract(t: TestContext, file: string): Promise<ContractServer> {
  const upstream = await startUpstream(t, (_request, response) => response.writeHead(404).end());
  const document = JSON.parse(await readFile(file, 'utf8')) as Fields;
  return Object.assign(upstream, { document, complaints: [] });
}

/** Every operation as a call, answered by a sample of what it promises. */
export function* callsOf<C extends ClientContract>(
  t: TestContext,
  upstream: ContractServer,
  { operations, $defs }: C,
  client: ContractClient<C>,
): Generator<Call> {
  for (const [name, operation] of Object.entries(operations)) {
    const parts = ['params', 'query', 'headers', 'body'] as const;
    const named = parts.flatMap((part) => (operation[part] === undefined ? [] : [[part, operation[part]] as const]));
    const input = named.map(([part, schema]) => [part, sample($defs, schema)] as const);
    const answer = operation.answer === undefined ? undefined : sample($defs, operation.answer);
    const unknown = input.find(([, value]) => value === undefined)?.[0] ?? (operation.answer && !answer && 'answer');
    if (unknown) {
      t.diagnostic(`${name} is not tried: no sample of its ${unknown} was found, so write a test of your own`);
      continue;
    }
    const method = client[name as keyof C['operations']] as (...given: unknown[]) => Promise<unknown>;
    upstream.answer = answerWith(upstream, operation, answer);
    yield {
      name,
      call: () => method(Object.fromEntries(input), { idempotencyKey: 'key' }),
      broken: brokenAnswer(operation, $defs),
    };
  }
}

/** Answers where the contract would, and complains where it would not. */
function answerWith({ document, complaints }: ContractServer, operation: Operation, answer: unknown): RequestListener {
  return async (request, response) => {
    complaints.push(...complaintsOf(document, operation, request, await buffer(request)));
    const content = answer === undefined ? undefined : JSON.stringify(answer);
    response.writeHead(content === undefined ? 204 : 200, { 'content-type': 'application/json' }).end(content);
  };
}

function brokenAnswer({ answer }: Operation, $defs: ClientContract['$defs']): RequestListener | undefined {
  if (answer === undefined) return undefined;
  const wrong = [null, 'broken', 0, {}, []].find((one) => !Check({ $defs, $ref: `#/$defs/${answer}` }, one));
  if (wrong === undefined) return undefined;
  return (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(wrong));
}

function complaintsOf(document: Fields, { method, path }: Operation, request: IncomingMessage, body: Buffer): string[] {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://service');
  const [place, item] = Object.entries(fieldsOf(document.paths)).find(([one]) => path.endsWith(one)) ?? ['', {}];
  const shape = place.split(/\{[^}]*\}/).map((text) => text.replace(/[^\w/]/g, '\\$&'));
  const source = fieldsOf(fieldsOf(item)[method.toLowerCase()]);
  const parameters = [fieldsOf(item).parameters, source.parameters].flat().map((one) => resolve(document, one));
  const complaints: string[] = [];
  if (request.method !== method || !new RegExp(`${shape.join('[^/]+')}$`).test(pathname))
    complaints.push(`${method} ${place} was asked as ${request.method} ${pathname}`);
  for (const { name, in: where, required } of parameters) {
    const isThere = where === 'query' ? searchParams.has(String(name)) : request.headers[String(name).toLowerCase()];
    if (required === true && where !== 'path' && !isThere) complaints.push(`${String(name)} is not in the ${where}`);
  }
  const { content, required } = resolve(document, source.requestBody);
  if (required === true && body.length === 0) complaints.push('it has no body');
  const type = request.headers['content-type'];
  if (body.length > 0 && !Object.keys(fieldsOf(content)).some((one) => one.includes('*') || one.startsWith(`${type}`)))
    complaints.push(`its body is ${type}`);
  return complaints;
}

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

/** What a reference within the document leads to. */
function resolve(document: Fields, node: unknown): Fields {
  const { $ref } = fieldsOf(node);
  if (typeof $ref !== 'string') return fieldsOf(node);
  const steps = $ref.split('/').slice(1);
  const unescaped = steps.map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'));
  return resolve(
    document,
    unescaped.reduce<unknown>((at, step) => fieldsOf(at)[step], document),
  );
}
