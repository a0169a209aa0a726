/** Those that contracts use without having them at hand, by the path that they are imported by. */
export const standardFiles: ReadonlyMap<string, string> = new Map([
  [
    'google/rpc/status.proto',
    `syntax = "proto3";

package google.rpc;

import "google/protobuf/any.proto";

// An error as gRPC tells it: https://google.aip.dev/193
message Status {
  // One of google.rpc.Code.
  int32 code = 1;
  string message = 2;
  repeated google.protobuf.Any details = 3;
}
`,
  ],
  [
    'google/rpc/code.proto',
    `syntax = "proto3";

package google.rpc;

// The codes of gRPC.
enum Code {
  OK = 0;
  CANCELLED = 1;
  UNKNOWN = 2;
  INVALID_ARGUMENT = 3;
  DEADLINE_EXCEEDED = 4;
  NOT_FOUND = 5;
  ALREADY_EXISTS = 6;
  PERMISSION_DENIED = 7;
  RESOURCE_EXHAUSTED = 8;
  FAILED_PRECONDITION = 9;
  ABORTED = 10;
  OUT_OF_RANGE = 11;
  UNIMPLEMENTED = 12;
  INTERNAL = 13;
  UNAVAILABLE = 14;
  DATA_LOSS = 15;
  UNAUTHENTICATED = 16;
}
`,
  ],
]);
