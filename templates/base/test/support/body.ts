// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of a body by asserting it.
export const bodyOf = (response: Response): Promise<any> => response.json() as Promise<any>;
