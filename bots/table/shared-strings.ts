import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Texts that are written and read together. */
const BLOCK = 64;
/** Blocks that are kept in memory: the texts of a sheet mostly come in the order in which they are used. */
const CACHED = 512;

/**
 * The texts of a workbook, which its cells name by number. Every person's name and number stands here, so they are laid
 * aside in a file that has no name and is gone with the process: memory grows by one number for each 64 texts.
 */
export class SharedStrings {
  readonly #file: number;
  readonly #offsets: number[] = [0];
  readonly #cache = new Map<number, readonly string[]>();
  #block: string[] = [];
  #count = 0;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), "saypro-strings-"));
    this.#file = openSync(join(folder, "strings"), "wx+", 0o600);
    rmSync(folder, { recursive: true });
  }

  add(text: string): void {
    this.#block.push(text);
    this.#count++;
    if (this.#block.length < BLOCK) return;
    const bytes = Buffer.from(JSON.stringify(this.#block));
    const at = this.#offsets.at(-1) ?? 0;
    writeSync(this.#file, bytes, 0, bytes.length, at);
    this.#offsets.push(at + bytes.length);
    this.#block = [];
  }

  /** Undefined when there is no such text. */
  get(index: number): string | undefined {
    if (!(index >= 0 && index < this.#count)) return undefined;
    const block = Math.floor(index / BLOCK);
    const texts = block === this.#offsets.length - 1 ? this.#block : this.#read(block);
    return texts[index % BLOCK];
  }

  #read(block: number): readonly string[] {
    const known = this.#cache.get(block);
    if (known) return known;
    const [from = 0, to = 0] = this.#offsets.slice(block, block + 2);
    const bytes = Buffer.alloc(to - from);
    readSync(this.#file, bytes, 0, bytes.length, from);
    const texts = JSON.parse(bytes.toString()) as readonly string[];
    const oldest = this.#cache.size >= CACHED ? this.#cache.keys().next() : undefined;
    if (oldest && !oldest.done) this.#cache.delete(oldest.value);
    this.#cache.set(block, texts);
    return texts;
  }

  close(): void {
    closeSync(this.#file);
  }
}
