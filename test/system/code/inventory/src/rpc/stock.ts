import { create } from '@bufbuild/protobuf';
import {
  InventoryService,
  ReleaseResponseSchema,
  ReserveResponseSchema,
} from '../generated/inventory/v1/inventory_pb.ts';
import { defineRpc } from '../platform/rpc/define-rpc.ts';
import { release, reserve } from '../stock/stock.ts';

export default defineRpc(InventoryService, {
  handlers: (app) => ({
    async reserve(reservation) {
      await reserve(app.database, reservation);
      app.log.info({ order: reservation.orderId }, 'reserved');
      return create(ReserveResponseSchema, { id: reservation.key });
    },

    async release({ key }) {
      await release(app.database, key);
      app.log.info({ key }, 'released');
      return create(ReleaseResponseSchema);
    },
  }),
});
