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
  ['dns:///orders:50051', 'orders:50051/ as '],
  ['dns://192.0.2.53/orders.shop:50051', 'orders.shop:50051/ as '],
  ['passthrough:///orders:50051', 'orders:50051/ as '],
  ['kubernetes:///orders.shop:grpc', 'orders.shop:/ as '],
  ['xds:///orders.shop.svc.cluster.local:50051', 'orders.shop.svc.cluster.local:50051/ as '],
  ['ipv4:10.0.0.7:50051', '10.0.0.7:50051/ as '],
  ['dns:orders:50051', 'orders:50051/ as '],
  ['dns:53', 'dns:53/ as '],
  ['unix:///var/run/orders.sock', ''],
  ['discovery:///orders', ''],
  ['http://_direct._tcp.orders-pods.shop/v1', 'orders-pods.shop:/ as '],
  ['dnssrv+_grpc._tcp.orders.shop.svc', 'orders.shop.svc:/ as '],
  ['dns+orders:9090', 'orders:9090/ as '],
  ['it:x@tcp(m:3306)/shop?parseTime=true', 'm:3306/shop as it'],
  ['it:x@tcp(m)/shop', 'm:3306/shop as it'],
])('%s', (value, said) => {
  const shown = addressesIn(value).map(
    ({ host, port = '', database = '', user = '' }) => `${host}:${port}/${database} as ${user}`,
  );
  expect(shown.join(', ')).toBe(said);
});

test.each([
  ['jdbc:postgresql://pg:5432/shop?currentSchema=sales', 'sales'],
  ['postgresql://it@pg/shop?schema=sales', 'sales'],
  ['postgres://it@pg/shop?options=-csearch_path%3Dsales', 'sales'],
  ['Host=pg;Database=shop;Search Path=sales;Username=it', 'sales'],
  ['host=pg dbname=shop user=it search_path=sales', 'sales'],
  ['postgres://it@pg/shop', undefined],
])('%s: the schema that it works in', (value, schema) => {
  expect(addressesIn(value).map((address) => address.schema)).toEqual([schema]);
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
