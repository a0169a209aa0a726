/** A three-way merge: the text that holds both sides' changes, or none where they contradict each other. */
export type Outcome = { clean: true; content: string } | { clean: false };

export const conflict: Outcome = { clean: false };
export const clean = (content: string): Outcome => ({ clean: true, content });
