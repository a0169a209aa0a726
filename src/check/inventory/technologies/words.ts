/** The words of a table's cell. */
export const words = (list: string): string[] => list.trim().split(/\s+/);
