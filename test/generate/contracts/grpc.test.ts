import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { checkNothingGone, grpcModule, keepGrpc, readGrpc } from '../../../src/generate/contracts/protobuf/grpc.ts';

const nowhere = async () => undefined;
const read = (given: string) => readGrpc('stock', { text: given, imports: new Map() }, 'stock.proto');
const text = await readFile(new URL('./documents/stock.proto', import.meta.url), 'utf8');

test('the module of a client names the services of its contract', () => {
  expect(grpcModule('stock', read(text))).toMatchInlineSnapshot(`
    "import { MoveService, StockService } from '../generated/clients/stock_pb.ts';
    import type { RpcCaller } from '../platform/rpc-client/rpc-caller.ts';

    /** The services of contracts/clients/stock.proto. */
    export const services = [StockService, MoveService] as const;

    /** Their methods, as functions. */
    export const createClient = (rpc: RpcCaller) => ({
      ...rpc.client(StockService),
      ...rpc.client(MoveService),
    });
    "
  `);
});

const whole = 'syntax = "proto3"; message A {}';

test.each([
  ['none that parses', 'syntax = "proto3";\nmessage A { B b = 1; }', 'CONTRACT_BROKEN', 'a.proto:2:13 cannot be read'],
  ['no proto at all', '{}', 'CONTRACT_BROKEN', 'a.proto:1:1 cannot be read'],
  ['without a service', whole, 'CONTRACT_EMPTY', 'has no service'],
  [
    'with an import',
    'syntax = "proto3"; import "b.proto"; message A { B b = 1; }',
    'CONTRACT_UNKNOWN',
    'a.proto:1:27 cannot be read',
  ],
  [
    'with a method twice',
    `${whole} service S { rpc M(A) returns (A); } service T { rpc M(A) returns (A); }`,
    'CONTRACT_UNKNOWN',
    'has the method M in two services',
  ],
])('a contract %s is refused in three lines', async (_, given, code, what) => {
  await expect(keepGrpc('peer', given, 'a.proto', nowhere)).rejects.toThrow(
    expect.objectContaining({
      name: 'UserError',
      code,
      message: expect.stringContaining(what),
      why: expect.stringMatching(/\.$/),
      fix: expect.stringMatching(/./),
    }),
  );
});

test('a contract that lost a method is refused, one that has more is not', () => {
  const less = text.replace(/ {2}rpc WatchShelf.*\n/, '');
  expect(() => checkNothingGone('stock', read(less), read(text))).not.toThrow();
  expect(() => checkNothingGone('stock', read(text), read(less))).toThrow(
    expect.objectContaining({
      code: 'CONTRACT_BREAKS',
      message: 'The contract of stock has no StockService/WatchShelf any more',
    }),
  );
});

test('of a contract behind an address no import is fetched, and the way to have them is said', async () => {
  const given = 'syntax = "proto3"; import "common/money.proto"; message A { common.Money b = 1; }';
  await expect(keepGrpc('peer', given, 'https://example.com/a.proto', nowhere)).rejects.toThrow(
    expect.objectContaining({
      code: 'CONTRACT_UNKNOWN',
      message: 'https://example.com/a.proto:1:27 cannot be read as a contract',
      why: 'It says: it imports common/money.proto, which is not there, and uses common.Money.',
      fix: 'No imports are fetched from behind an address: download the folder that they begin at, and give the file in it.',
    }),
  );
});
