/** RFC 6750, section 2.1: in the header only. A token in the URL ends up in logs. */
export const bearerToken = (authorization: string | undefined): string | undefined =>
  authorization?.match(/^Bearer +(\S+) *$/i)?.[1];
