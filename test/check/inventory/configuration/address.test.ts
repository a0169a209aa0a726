import { expect, test } from 'vitest';
import { addressesIn } from '../../../../src/check/inventory/configuration/address.ts';
import { redact } from '../../../../src/check/sources/recording/redact.ts';
import { objectsIn, snapshotOf } from '../../support/fixture.ts';

test.each([
  ['Host=pg;Port=5432;Database=shop;Username=it;Password=x', 'pg:5432/shop as it'],
  ['Data Source=sqlserver;Initial Catalog=Shop;User ID=shop', 'sqlserver:/Shop as shop'],
  ['Server=tcp:sqlserver,1433;Initial Catalog=Shop;User Id=shop;Encrypt=True', 'sqlserver:1433/Shop as shop'],
  ['server=sqlserver;user id=sa;database=X', 'sqlserver:/X as sa'],
  ['Server=sql\\EXPRESS;Database=X', 'sql:/X as '],
  ['jdbc:sqlserver://h:1433;databaseName=Shop;user=sa', 'h:1433/Shop as sa'],
  ['jdbc:sqlserver://h:1433', 'h:1433/ as '],
  ['host=pg port=5432 dbname=shop user=it', 'pg:5432/shop as it'],
  ['host=pg user=it password=x sslmode=disable', 'pg:/it as it'],
  ['jdbc:mysql://m:3306/shop?user=it', 'm:3306/shop as '],
  ['mongodb://a:27017,b:27017/shop', 'a:27017/shop as , b:27017/shop as '],
  ['mongodb://it:x@a,b,c/shop?replicaSet=rs0', 'a:/shop as it, b:/shop as it, c:/shop as it'],
  ['https://a.example,https://b.example', 'a.example:/ as , b.example:/ as '],
  ['amqp://q1:5672,q2:5672', 'q1:5672/ as , q2:5672/ as '],
])('%s', (value, said) => {
  const shown = addressesIn(value).map(
    ({ host, port = '', database = '', user = '' }) => `${host}:${port}/${database} as ${user}`,
  );
  expect(shown.join(', ')).toBe(said);
});

test('a password after the host of an address stands in no recording', () => {
  const { objects } = objectsIn(`
apiVersion: v1
kind: ConfigMap
metadata: { name: it }
data: { url: "jdbc:sqlserver://db:1433;databaseName=Shop;user=sa;password=hunter2" }
`);
  const [map] = redact(snapshotOf(objects)).objects.get('configmaps') ?? [];
  const kept = JSON.stringify(map?.['data']);
  expect(kept).toContain('jdbc:sqlserver://db:1433;databaseName=');
  expect(kept).not.toMatch(/hunter2|Shop|=sa/);
});
