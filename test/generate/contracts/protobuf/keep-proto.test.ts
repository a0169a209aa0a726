import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { generateCode } from '../../../../src/generate/contracts/protobuf/generate.ts';
import { keepProto, keptImports } from '../../../../src/generate/contracts/protobuf/keep-proto.ts';

const tree = new URL('../documents/tree/', import.meta.url);
const inTree = (path: string) => readFile(new URL(path, tree), 'utf8').catch(() => undefined);
const prices = await readFile(new URL('prices/v1/prices.proto', tree), 'utf8');

const proto = (rest: string) => `syntax = "proto3";\npackage a.v1;\n${rest}\n`;
const keep = (text: string, files: Record<string, string> = {}) =>
  keepProto(text, 'a.proto', async (path) => files[path]);

test('a contract is kept with what it imports, and without what other programs read', async () => {
  const kept = await keepProto(prices, 'prices.proto', inTree);
  expect(kept.text).toMatchInlineSnapshot(`
    "syntax = "proto3";

    // What the price list agrees to.
    package prices.v1;

    import "google/protobuf/timestamp.proto";
    import "clients/imports/google/rpc/status.proto";
    import "clients/imports/prices/v1/money.proto";

    service PriceService {
      // Asked by everybody.
      rpc FindPrice(FindPriceRequest) returns (Price) {
        option idempotency_level = NO_SIDE_EFFECTS;
      }
      rpc ChangePrices(stream Price) returns (ChangePricesResponse) {  }
    }

    message FindPriceRequest {
      string sku = 1;
      string currency = 2 [
        deprecated = true
      ];
    }

    message Price {
      string sku = 1;
      Money amount = 2;
      google.protobuf.Timestamp valid_from = 3;
      oneof reason {
        string campaign = 4;
        string contract = 5;
      }
    }

    message ChangePricesResponse {
      // Of each price, in order.
      repeated google.rpc.Status results = 1;
    }
    "
  `);
  expect([...kept.imports.keys()]).toEqual([
    'clients/imports/google/rpc/status.proto',
    'clients/imports/prices/v1/money.proto',
  ]);
  expect(kept.imports.get('clients/imports/prices/v1/money.proto')).toMatchInlineSnapshot(`
    "syntax = "proto3";

    package prices.v1;

    import "google/protobuf/descriptor.proto";

    message Money {
      string currency = 1;
      int64 units = 2;
    }
    "
  `);
  expect(kept.leftOut).toEqual([
    '(buf.validate.field)',
    '(buf.validate.oneof)',
    '(company.options.note)',
    '(company.options.team)',
    '(google.api.http)',
  ]);
});

test('what is kept makes code by itself, and stays as it is when it is kept again', async () => {
  const kept = await keepProto(prices, 'prices.proto', inTree);
  const { code } = generateCode(new Map([['clients/prices.proto', kept.text], ...kept.imports]));
  expect([...code.keys()].sort()).toEqual([
    'clients/imports/google/rpc/status_pb.ts',
    'clients/imports/prices/v1/money_pb.ts',
    'clients/prices_pb.ts',
  ]);
  expect(keptImports(kept.text)).toEqual([...kept.imports.keys()]);
  const again = await keepProto(kept.text, 'prices.proto', async (path) => kept.imports.get(path));
  expect(again).toEqual({ ...kept, leftOut: [] });
});

test('what is imported is looked through too, and passed on where it says so', async () => {
  const files = {
    'b.proto': proto('import public "c.proto";\nimport "unused.proto";\nmessage B {}'),
    'c.proto': proto('message C {}'),
    'unused.proto': 'syntax = "proto2";',
  };
  const kept = await keep(proto('import "b.proto";\nmessage A { C c = 1; }'), files);
  expect(Object.fromEntries(kept.imports)).toEqual({
    'clients/imports/b.proto': proto('import public "clients/imports/c.proto";\nmessage B {}'),
    'clients/imports/c.proto': files['c.proto'],
  });
});

test.each([
  ['is not there', 'b.proto', {}, 'which is not there'],
  ['cannot be read', 'b.proto', { 'b.proto': 'syntax = "proto2";' }, 'which cannot be read (b.proto:1:10: '],
  ['leaves the folder', '../b.proto', { '../b.proto': proto('message B {}') }, 'is no path below'],
  ['begins at the top', '/b.proto', { '/b.proto': proto('message B {}') }, 'is no path below'],
])('an import of which a type is used and that %s is an error with its place', async (_, path, files, why) => {
  const text = proto(`import "x/o/o.proto";\nimport "${path}";\nmessage A { B b = 1 [(x.o.must) = true]; }`);
  const error = await keep(text, files).catch((thrown) => thrown);
  expect(error).toMatchObject({ name: 'ProtoError', place: 'a.proto:4:8' });
  expect(error.message).toContain(`it imports ${path}, which `);
  expect(error.message).toContain(why);
});

test('a fault within what is imported has the place there', async () => {
  const files = { 'b/v1/b.proto': proto('message B { C c = 1; }') };
  await expect(keep(proto('import "b/v1/b.proto";\nmessage A { B b = 1; }'), files)).rejects.toMatchObject({
    place: 'b/v1/b.proto:3:13',
    message: 'there is no message and no enum C here',
  });
});

test('files that import each other without an end are an error, and thousands are not read', async () => {
  const files = {
    'b.proto': proto('import "c.proto";\nmessage B { C c = 1; }'),
    'c.proto': proto('import "b.proto";\nmessage C { B b = 1; }'),
  };
  const kept = await keep(proto('import "b.proto";\nmessage A { B b = 1; }'), files);
  expect(() => generateCode(new Map([['a.proto', kept.text], ...kept.imports]))).toThrow('it imports itself');
  let asked = 0;
  const next = async (path: string) => {
    asked += 1;
    const index = Number(/\d+/.exec(path)?.[0]);
    return proto(`import "${index + 1}.proto";\nmessage M${index} { M${index + 1} m = 1; }`);
  };
  const endless = keepProto(proto('import "0.proto";\nmessage A { M0 m = 1; }'), 'a.proto', next);
  await expect(endless).rejects.toThrow('it imports 200.proto, which is more than the 200 that are read');
  expect(asked).toBe(200);
});
