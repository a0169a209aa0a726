/** `itemId` for `item_id`, as protoc makes the name of a field in JSON. */
export const jsonName = (name: string): string => name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase());

/** The message that protoc makes for the entries of a map: `ItemsByIdEntry` for `items_by_id`. */
export const entryName = (field: string): string => {
  const name = jsonName(field);
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}Entry`;
};
