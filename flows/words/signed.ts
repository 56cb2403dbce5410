/**
 * Signed languages, by code (ISO 639-3), with what people write to choose one: the first is what they are told to. A
 * signed language is not written: its speakers get a video, and the written text of a language that stands in for it.
 */
const SIGNED: Readonly<Record<string, readonly string[]>> = {
  // South African Sign Language, an official language since the Constitution Eighteenth Amendment Act, 2023.
  sfs: ["sign language", "south african sign language", "sasl"],
};

export const isSigned = (language: string): boolean => Object.hasOwn(SIGNED, language);

/** Names of a signed language, folded; none of any other. */
export const signedNames = (language: string): readonly string[] => SIGNED[language] ?? [];
