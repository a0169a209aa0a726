import { shortened } from '../../../harmless.ts';

/** Characters of a message: it may repeat what stands in the file, however long that is. */
const longest = 200;

/** What is wrong with a .proto file, and where: `inventory.proto:12:3`. */
export class ProtoError extends Error {
  readonly place: string;

  constructor(place: string, what: string) {
    super(shortened(what, longest));
    this.name = 'ProtoError';
    this.place = place;
  }
}
