import { expect, test } from 'vitest';
import { readGrpc } from '../../../src/generate/contracts/protobuf/grpc.ts';
import { stepMethods } from '../../../src/generate/contracts/protobuf/step-methods.ts';

/** Methods by their names; `Watch…` is a stream. */
const contractOf = (...methods: string[]) => {
  const lines = methods.map((name) => `rpc ${name}(A) returns (${name.startsWith('Watch') ? 'stream ' : ''}A);`);
  const text = `syntax = "proto3"; package a.b; message A { string id = 1; } service S { ${lines.join(' ')} }`;
  return readGrpc('peer', { text, imports: new Map() }, 'peer.proto');
};

/** `Reserve`, `GetItem?` where it stands in, `-` where there is none. */
const chosen = (step: string, methods: readonly string[]): string => {
  const { action, undo } = stepMethods(step, contractOf(...methods));
  const told = (one: typeof action) => (one ? `${one.name}${one.isStandIn ? '?' : ''}` : '-');
  return `${told(action)}, ${told(undo)}`;
};

test.each([
  ['reserve', ['Get', 'Reserve', 'Release'], 'Reserve, Release'],
  ['reserve-stock', ['GetStock', 'ReleaseStock', 'ReserveStock', 'CancelOrder'], 'ReserveStock, ReleaseStock'],
  ['reserve', ['CreateReservation', 'CancelReservation', 'DeleteItem'], 'CreateReservation, CancelReservation'],
  ['charge-payment', ['GetPayment', 'Charge', 'Refund', 'CancelPayout'], 'Charge, Refund'],
  ['reserve-stock', ['ReserveStockAndShip', 'ReserveStock', 'Release'], 'ReserveStock, Release'],
  ['cancel-order', ['CreateOrder', 'CancelOrder'], 'CancelOrder, -'],
  ['check-stock', ['CheckStock', 'ReserveStock'], 'CheckStock, CheckStock?'],
  ['reserve', ['PutItem', 'GetItem', 'WatchItem'], 'GetItem?, GetItem?'],
  ['charge', ['Charge', 'Capture'], 'Charge, -'],
  ['charge', ['Charge', 'Cancel', 'Delete'], 'Charge, -'],
  ['notify', ['Send'], 'Send?, -'],
  ['notify', ['WatchAll'], '-, -'],
])('the step %s of %j begins with %s', (step, methods, expected) => {
  expect(chosen(step, methods)).toBe(expected);
});

const withMessage = (fields: string) =>
  readGrpc(
    'peer',
    {
      text: `syntax = "proto3"; package a.b; message Outer { message A { ${fields} } } service S { rpc ReserveIt(Outer.A) returns (Outer.A); rpc Release(Outer.A) returns (Outer.A); }`,
      imports: new Map(),
    },
    'peer.proto',
  );

test.each([
  ['string key = 1;', '{ key }', '{ key: actionKey }'],
  ['optional string request_id = 1;', '{ requestId: key }', '{ requestId: actionKey }'],
  ['string id = 1;', '{}', '{}'],
  ['int64 key = 1;', '{}', '{}'],
  ['repeated string key = 1;', '{}', '{}'],
  ['oneof by { string key = 1; }', '{}', '{}'],
])('a message with %s gets the key where it can', (fields, action, undo) => {
  const methods = stepMethods('reserve', withMessage(fields));
  expect(methods.action).toEqual({
    name: 'ReserveIt',
    call: 'reserveIt',
    input: 'A',
    message: action,
    isStandIn: false,
  });
  expect(methods.undo?.message).toBe(undo);
});
