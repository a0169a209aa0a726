/**
 * Takes a Kubernetes list apart while it arrives: every object of its `items` is handed out as soon as its last byte is
 * there, so that neither the text nor the objects of a page are ever in memory as a whole.
 */
export interface ListParser {
  push(chunk: Buffer): void;
  /**
   * The list without its items.
   *
   * @throws SyntaxError where what arrived is no whole JSON document
   */
  end(): unknown;
}

const quote = 0x22;
const comma = 0x2c;
const openList = 0x5b;
const backslash = 0x5c;
const closeList = 0x5d;
const open = 0x7b;
const close = 0x7d;

/** Depth of what is directly in the list's `items`. */
const inItems = 2;

export function listParser(onItem: (item: unknown) => void): ListParser {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let itemsOpen = false;
  /** The last string directly in the document: before a list it is that list's name. */
  let name = '';
  let namePart = '';
  let nameFrom = -1;
  /** Of the object that is being read, what came in earlier chunks. */
  let pending: Buffer[] = [];
  let itemFrom = -1;
  const skeleton: Buffer[] = [];

  const emit = (last: Buffer): void => {
    const whole = pending.length === 0 ? last : Buffer.concat([...pending, last]);
    pending = [];
    itemFrom = -1;
    onItem(JSON.parse(whole.toString()));
  };

  const push = (chunk: Buffer): void => {
    // Where the text outside items goes on, or -1 while inside one.
    let outside = itemFrom === -1 ? 0 : -1;
    if (itemFrom !== -1) itemFrom = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) {
          inString = false;
          if (nameFrom !== -1) name = namePart + chunk.toString('latin1', nameFrom, at);
          nameFrom = -1;
          namePart = '';
        }
      } else if (byte === quote) {
        inString = true;
        if (depth === 1) nameFrom = at + 1;
      } else if (byte === open || byte === openList) {
        if (byte === openList && depth === 1 && name === 'items') itemsOpen = true;
        else if (byte === open && itemsOpen && depth === inItems) {
          skeleton.push(chunk.subarray(outside, at));
          outside = -1;
          itemFrom = at;
        }
        depth++;
      } else if (byte === close || byte === closeList) {
        depth--;
        if (itemFrom !== -1 && depth === inItems) {
          emit(chunk.subarray(itemFrom, at + 1));
          outside = at + 1;
        } else if (itemsOpen && depth < inItems) itemsOpen = false;
      } else if (byte === comma && itemsOpen && depth === inItems && outside !== -1) {
        skeleton.push(chunk.subarray(outside, at));
        outside = at + 1;
      }
    }
    if (outside !== -1) skeleton.push(chunk.subarray(outside));
    else pending.push(chunk.subarray(itemFrom));
    if (nameFrom !== -1) {
      namePart += chunk.toString('latin1', nameFrom);
      nameFrom = 0;
    }
  };

  return {
    push,
    end: () => {
      if (itemFrom !== -1) throw new SyntaxError('the list ends inside an object');
      return JSON.parse(Buffer.concat(skeleton).toString()) as unknown;
    },
  };
}
