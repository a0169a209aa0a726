/** What is wrong with a .proto file, and where: `inventory.proto:12:3`. */
export class ProtoError extends Error {
  readonly place: string;

  constructor(place: string, what: string) {
    super(what);
    this.name = 'ProtoError';
    this.place = place;
  }
}
