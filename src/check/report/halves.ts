/** Halves of characters that are written as two (surrogates), each without the other: no text in UTF-8 can hold one. */
export const halves = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
