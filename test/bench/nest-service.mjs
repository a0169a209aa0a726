// The same resource with the same functions, as NestJS's documentation and OpenTelemetry's have one add them: pino-http,
// prom-client, a validation pipe, auto-instrumentation. Decorators are applied by hand, since this is no TypeScript.
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Module, NotFoundException, Param, Post, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Type } from 'class-transformer';
import { IsInt, IsString, Max, MaxLength, Min, MinLength, ValidateNested } from 'class-validator';
import { pinoHttp } from 'pino-http';
import { collectDefaultMetrics, Histogram } from 'prom-client';

function decorate(target, properties) {
  for (const [name, decorators] of Object.entries(properties))
    for (const decorator of decorators) decorator(target.prototype, name);
}

class Item {}
decorate(Item, { sku: [IsString(), MinLength(1), MaxLength(64)], quantity: [IsInt(), Min(1), Max(1000)] });

class NewOrder {}
decorate(NewOrder, { customerId: [IsString()], items: [ValidateNested({ each: true }), Type(() => Item)] });

const orders = new Map();
class OrdersController {
  place(body) {
    const order = { id: randomUUID(), ...body, status: 'placed', placedAt: new Date().toISOString() };
    orders.set(order.id, order);
    return order;
  }
  list() {
    return { orders: [...orders.values()] };
  }
  find(id) {
    const order = orders.get(id);
    if (!order) throw new NotFoundException();
    return order;
  }
}
const route = (method, verb) =>
  verb(OrdersController.prototype, method, Object.getOwnPropertyDescriptor(OrdersController.prototype, method));
Controller('v1/orders')(OrdersController);
route('place', Post());
route('list', Get());
route('find', Get(':id'));
Body()(OrdersController.prototype, 'place', 0);
Param('id')(OrdersController.prototype, 'find', 0);
Reflect.defineMetadata('design:paramtypes', [NewOrder], OrdersController.prototype, 'place');

class AppModule {}
Module({ controllers: [OrdersController] })(AppModule);

collectDefaultMetrics();
const duration = new Histogram({
  name: 'http_server_request_duration_seconds',
  help: 'Duration of requests',
  labelNames: ['method', 'route', 'status'],
});
const log = pinoHttp({
  genReqId: (request, response) => {
    const id = request.headers['x-correlation-id'] ?? randomUUID();
    response.setHeader('x-correlation-id', id);
    return id;
  },
  customProps: (request) => ({ correlation_id: request.id }),
});

const app = await NestFactory.create(AppModule, { logger: false });
app.use(log);
app.use((request, response, next) => {
  const end = duration.startTimer();
  response.on('finish', () =>
    end({ method: request.method, route: request.route?.path ?? '', status: response.statusCode }),
  );
  next();
});
app.useGlobalPipes(new ValidationPipe({ whitelist: true }));
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT), '127.0.0.1');
