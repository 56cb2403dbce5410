/** Done, with what came of it in words for staff; or why not, and which input of a form it is about. */
export type Outcome =
  | { readonly done: true; readonly id: string; readonly words: string }
  | { readonly done: false; readonly words: string; readonly about?: string };

export const refused = (words: string, about?: string): Outcome => ({
  done: false,
  words,
  ...(about === undefined ? {} : { about }),
});
