/** Lines that somebody types below one folder, `in` one of the services that are there by then. */
export interface Lines {
  in?: string;
  lines: readonly string[];
}

/**
 * A system of five services: what the README's tour shows, `npm run system` starts and the tests break. Whoever is called
 * comes first, since the caller reads its contract.
 */
export const tour: readonly Lines[] = [
  { lines: ['create-microservice inventory --template grpc --with postgres'] },
  { lines: ['create-microservice payments --with postgres'] },
  { lines: ['create-microservice notifications --template worker'] },
  { in: 'notifications', lines: ['msvc add-event orders.confirmed --subscribe'] },
  { lines: ['create-microservice orders --no-example --with discovery'] },
  {
    in: 'orders',
    lines: [
      'msvc add-client inventory --grpc ../inventory/contracts/inventory/v1/inventory.proto',
      'msvc add-client payments --openapi ../payments/contracts/openapi.json',
    ],
  },
  { in: 'orders', lines: ['msvc add-aggregate order --events Opened,Confirmed,Cancelled'] },
  {
    in: 'orders',
    lines: [
      'msvc add-event orders.confirmed --publish',
      'msvc add-saga place-order --steps open-order@self,reserve-stock@inventory,charge-payment@payments,confirm-order@self',
    ],
  },
  { lines: ['create-microservice gateway --template gateway --with discovery'] },
  { in: 'gateway', lines: ['msvc add-route /api/orders/* orders --rewrite /v1/place-order --scopes orders:write'] },
];

export const services = ['inventory', 'payments', 'notifications', 'orders', 'gateway'] as const;
export type ServiceName = (typeof services)[number];

/** As the README shows them, for a shell. */
export const shown: readonly string[] = tour.map(({ in: folder, lines }) => {
  const typed = lines.join(' && ').replace(/\S*\*\S*/g, (word) => `'${word}'`);
  return folder === undefined ? typed : `(cd ${folder} && ${typed})`;
});
