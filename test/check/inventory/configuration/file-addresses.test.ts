import { expect, test } from 'vitest';
import { addressesInFile } from '../../../../src/check/inventory/configuration/file-addresses.ts';

const said = (text: string): string[] =>
  addressesInFile(text).map(
    ({ scheme, host, port = '', database = '', schema, user }) =>
      `${scheme ? `${scheme}://` : ''}${user ? `${user}@` : ''}${host}:${port}/${database}${schema ? ` in ${schema}` : ''}`,
  );

test.each([
  [
    'appsettings.json',
    '{ "ConnectionStrings": { "Default": "Server=db;Port=5432;Database=shop;User Id=it" } }',
    'it@db:5432/shop',
  ],
  ['web.config', '<add name="Default" connectionString="Data Source=db,1433;Initial Catalog=shop" />', 'db:1433/shop'],
  ['libpq in JSON', '{ "db_connection": "host=db port=5432 user=it dbname=shop", "bind": ":8080" }', 'it@db:5432/shop'],
  ['libpq in YAML', 'db:\n  dsn: "host=db port=5432 user=it dbname=shop"\n', 'it@db:5432/shop'],
  ['libpq in properties', 'db.dsn=host=db port=5432 user=it dbname=shop\n', 'it@db:5432/shop'],
  ['JDBC', 'spring:\n  datasource:\n    url: jdbc:postgresql://db:5432/shop\n', 'postgresql://db:5432/shop'],
  ['a driver of Go', 'dsn: it:x@tcp(db:3306)/shop?parseTime=true\n', 'it@db:3306/shop'],
  ['TOML', '[database]\nhost = "db"\nport = 5432\nname = "shop" # the old one\n', 'db:5432/shop'],
  ['TOML, the section below another', '[orders.database]\nhost = "db"\nport = 5432\nname = "shop"\n', 'db:5432/shop'],
  ['TOML in one line', 'database = { host = "db", port = 5432, name = "shop", user = "it" }\n', 'it@db:5432/shop'],
  ['INI', '[mysql]\nhost=db\nport=3306\ndatabase=shop\n', 'db:3306/shop'],
  ['properties', 'db.host=db\ndb.port=5432\ndb.name=shop\ndb.schema=sales\n', 'db:5432/shop in sales'],
  ['YAML', 'production:\n  adapter: postgresql\n  host: db\n  database: shop\n  username: it\n', 'it@db:/shop'],
  ['YAML in one line', 'database: { host: db, port: 5432, name: shop }\n', 'db:5432/shop'],
  ['JSON in one line', '{"database":{"host":"db","port":5432,"name":"shop"}}', 'db:5432/shop'],
  ['JSON, names with what they are about', '{"DB_HOST":"db","DB_PORT":"5432","DB_NAME":"shop"}', 'db:5432/shop'],
  [
    'a name is a database where its section says so, without a port too',
    'database:\n  host: db\n  name: shop\n',
    'db:/shop',
  ],
  ['PHP', "  'host' => 'db',\n  'port' => 3306,\n  'database' => 'shop',\n", 'db:3306/shop'],
])('%s', (_, text, address) => {
  expect(said(text)).toEqual([address]);
});

test('what stands beside what: two databases of one file are two', () => {
  const text =
    'orders:\n  host: a\n  port: 5432\n  database: one\nbilling:\n  host: b\n  port: 5432\n  database: two\n';
  expect(said(text)).toEqual(['a:5432/one', 'b:5432/two']);
  expect(said('databases:\n  - host: a\n    database: one\n  - host: b\n    database: two\n')).toEqual([
    'a:/one',
    'b:/two',
  ]);
});

test.each([
  ['a host alone may be anything', 'server:\n  host: orders\n'],
  ['its own place', 'database:\n  host: localhost\n  port: 5432\n  name: shop\n'],
  ['a name beside the host of a mail server is no database', 'mail:\n  host: post\n  name: Support\n'],
  ['a remark', '# host = "db"\n# port = 5432\n'],
  ['a remark that holds a whole address', '# url: postgres://db:5432/shop\n; old = postgres://db:5432/shop\n'],
  ['a port of the level around it', 'a:\n  host: orders\nport: 5432\n'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: so it stands in the file
  ['what nobody filled in', 'database:\n  host: ${DB_HOST}\n  port: 5432\n  name: shop\n'],
  ['a format of log lines', 'log_format = "host=%h server=%s user=%u"\n'],
  ['a port of another section', 'a:\n  host: orders\nb:\n  port: 5432\n'],
])('no address: %s', (_, text) => {
  expect(said(text)).toEqual([]);
});

test('a large file takes no longer than its length', () => {
  const lines = Array.from(
    { length: 4000 },
    (_, index) => `${' '.repeat(index % 40)}key${index}: "a=b c=d ${'x'.repeat(20)}"`,
  );
  expect(said(lines.join('\n'))).toEqual([]);
});
