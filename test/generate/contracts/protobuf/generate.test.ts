import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { generateCode } from '../../../../src/generate/contracts/protobuf/generate.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const features = fileURLToPath(new URL('../../../../templates/features/', import.meta.url));

async function readBelow(folder: string): Promise<Map<string, string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  return new Map(
    await Promise.all(
      paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const),
    ),
  );
}

const codeOf = async (folder: string) => generateCode(await readBelow(join(here, folder))).code;

describe('the code of a contract', () => {
  // made-by-buf/ is what `buf generate` 1.75.0 with protoc-gen-es 2.13.0 wrote for corpus/.
  test('is what buf and protoc-gen-es make of it, to the byte', async () => {
    const made = await readBelow(join(here, 'made-by-buf'));
    const code = await codeOf('corpus');
    expect([...code.keys()].sort()).toEqual([...made.keys()].map((path) => path.replace(/\.txt$/, '')).sort());
    for (const [path, text] of code) expect(text, path).toBe(made.get(`${path}.txt`));
  });

  test('of the standard services is in the templates', async () => {
    const standard = [];
    for (const feature of ['protobuf', 'rpc'])
      standard.push(...(await readBelow(join(features, feature, 'once/src/platform/rpc/standard'))));
    expect(new Map(standard)).toEqual(await codeOf('standard'));
    const echo = await readFile(join(features, 'protobuf/once/test/support/echo/echo_pb.ts'), 'utf8');
    expect(echo).toBe((await codeOf('echo')).get('echo_pb.ts'));
  });
});

const file = (rest: string) => new Map([['a.proto', `syntax = "proto3";\npackage a.v1;\n${rest}`]]);

// What is wrong, where, and that it is said.
test.each([
  ['no syntax', new Map([['a.proto', 'package a;']]), 'a.proto:1:1', 'the first line must be'],
  ['another syntax', new Map([['a.proto', 'syntax = "proto2";']]), 'a.proto:1:10', 'not "proto2"'],
  ['an edition', new Map([['a.proto', 'edition = "2023";']]), 'a.proto:1:1', 'editions are not read'],
  ['nothing at all', new Map([['a.proto', '']]), 'a.proto:1:1', 'the first line must be'],
  ['JSON', new Map([['a.proto', '{"openapi": "3.1.0"}']]), 'a.proto:1:1', 'the first line must be'],
  ['a sign of no meaning', file('message A { string a = 1 @; }'), 'a.proto:3:26', '"@" means nothing'],
  ['a missing number', file('message A { string a; }'), 'a.proto:3:21', '"=" must be here, not ";"'],
  ['a message without an end', file('message A {\n  string a = 1;\n'), 'a.proto:5:1', 'never ends'],
  ['an unknown type', file('message A { B b = 1; }'), 'a.proto:3:13', 'there is no message and no enum B'],
  ['a type that only objects know', file('message A { constructor b = 1; }'), 'a.proto:3:13', 'no enum constructor'],
  ['a missing import', file('import "b.proto";'), 'a.proto:3:8', 'it imports b.proto'],
  ['a number twice', file('message A { string a = 1; string b = 1; }'), 'a.proto:3:1', 'the number 1 twice'],
  ['a name twice', file('message A { string a = 1; string a = 2; }'), 'a.proto:3:1', 'the field a twice'],
  ['a reserved number', file('message A { reserved 2 to 4; string a = 3; }'), 'a.proto:3:1', 'reserves the number 3'],
  ['a number of protobuf', file('message A { string a = 19500; }'), 'a.proto:3:24', 'are reserved'],
  ['an enum without 0', file('enum E { ONE = 1; }'), 'a.proto:3:1', 'must be 0'],
  ['a method of an enum', file('enum E { A = 0; } service S { rpc M(E) returns (E); }'), 'a.proto:3:37', 'is none'],
  ['a map of floats', file('message A { map<float, string> a = 1; }'), 'a.proto:3:17', 'not float'],
  ['a group', file('message A { required string a = 1; }'), 'a.proto:3:13', 'not of proto3'],
  ['an extension', file('extend A { string a = 1; }'), 'a.proto:3:1', 'extensions are not read'],
  ['an option of its own', file('option (x.y) = 1;'), 'a.proto:3:8', 'options of their own'],
  ['an option that is none', file('option javapackage = "a";'), 'a.proto:', 'javapackage'],
  ['messages too deep', file(`${'message A { '.repeat(40)}${'}'.repeat(40)}`), 'a.proto:3:', 'up to 32 deep'],
  [
    'one name in two files',
    new Map([
      ['a.proto', 'syntax = "proto3"; package a.v1; message A {}'],
      ['b.proto', 'syntax = "proto3"; package a.v1; enum A { ZERO = 0; }'],
    ]),
    'b.proto',
    'a.v1.A is in a.proto too',
  ],
  ['a string without an end', file('option java_package = "a\\\n";'), 'a.proto:3:23', 'means nothing'],
  ['a comment without an end', file('/* never'), 'a.proto:3:1', 'never ends'],
])('%s is an error with its place', (_, sources, place, what) => {
  expect(() => generateCode(sources)).toThrow(
    expect.objectContaining({
      name: 'ProtoError',
      place: expect.stringContaining(place),
      message: expect.stringContaining(what),
    }),
  );
});

test('a package has a name of the length that protoc takes', () => {
  const named = (length: number) => new Map([['a.proto', `syntax = "proto3"; package ${'a'.repeat(length)};`]]);
  expect(() => generateCode(named(511))).not.toThrow();
  expect(() => generateCode(named(512))).toThrow('at most 511 characters');
});

test('names that every object has are names, and a string may be long', () => {
  const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'then'];
  const messages = names.map((name) => `message ${name} { ${name} ${name} = 1; map<string, ${name}> all = 2; }`);
  const methods = names.map((name) => `rpc ${name}(${name}) returns (${name});`);
  const long = `option java_package = "${'a'.repeat(10_000_000)}\\"";`;
  const { files } = generateCode(file(`${long}${messages.join('\n')}\nservice S { ${methods.join('\n')} }`));
  expect(files[0]?.messageType.map(({ field }) => field[0]?.typeName)).toEqual(names.map((name) => `.a.v1.${name}`));
  expect(files[0]?.options?.javaPackage).toHaveLength(10_000_001);
});

test('an error repeats no more of a file than a line', () => {
  expect(() => generateCode(file(`message A { ${'b'.repeat(10_000)} a = 1; }`))).toThrow(/^.{1,200}$/);
});

test('files that import each other are an error, not a loop', () => {
  const sources = new Map([
    ['a.proto', 'syntax = "proto3"; import "b.proto";'],
    ['b.proto', 'syntax = "proto3"; import "a.proto";'],
  ]);
  expect(() => generateCode(sources)).toThrow(expect.objectContaining({ name: 'ProtoError' }));
});
