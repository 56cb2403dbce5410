/** The file cannot be read as a table; words that name the place and the remedy. */
export class UnreadableFile extends Error {}
