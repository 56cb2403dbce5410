import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface StoredMedia {
  readonly id: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

export interface MediaStore {
  put(id: string, contentType: string, bytes: Buffer): void;
  get(id: string): StoredMedia | undefined;
}

/** Ids are the carriers' own: letters, digits, and nothing that could leave the folder. */
const SAFE_ID = /^[A-Za-z0-9_-]{1,80}$/;
const SAFE_TYPE =
  /^(image\/(png|jpeg|gif|webp)|audio\/(ogg|mpeg|aac)|video\/mp4|application\/pdf|text\/plain)$/;

/** Photos that phones sent, and files that the product uploaded; on disk when there is a folder. */
export function openMediaStore(folder: string | undefined): MediaStore {
  const kept = new Map<string, StoredMedia>();
  if (folder) mkdirSync(folder, { recursive: true });
  return {
    put: (id, contentType, bytes) => {
      if (!SAFE_ID.test(id)) throw new Error(`not a media id: ${id}`);
      const type = SAFE_TYPE.test(contentType) ? contentType : "application/octet-stream";
      if (folder) {
        writeFileSync(join(folder, id), bytes);
        writeFileSync(join(folder, `${id}.type`), type);
      } else kept.set(id, { id, contentType: type, bytes });
    },
    get: (id) => {
      if (!SAFE_ID.test(id)) return undefined;
      if (!folder) return kept.get(id);
      const file = join(folder, id);
      if (!existsSync(file)) return undefined;
      return { id, contentType: readFileSync(`${file}.type`, "utf8"), bytes: readFileSync(file) };
    },
  };
}
