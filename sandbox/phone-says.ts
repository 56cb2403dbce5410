import type { Option } from "./world.ts";

/** What a person does on a phone. */
export interface PhoneSays {
  readonly text?: string;
  /** A tapped button or list row; `of` is the text that offered it. */
  readonly choice?: Option & { readonly kind: "buttons" | "list"; readonly of?: string };
  readonly location?: { readonly latitude: number; readonly longitude: number; readonly label?: string };
  readonly photo?: { readonly contentType: string; readonly bytes: Buffer };
}
