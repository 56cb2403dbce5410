import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { initWasm, Resvg } from "@resvg/resvg-wasm";

export const COLOURS = { paper: "#ffffff", ink: "#12302f", quiet: "#5a6b6b", bar: "#0e7c7b" } as const;

const require = createRequire(import.meta.url);
let ready: Promise<readonly Uint8Array[]> | undefined;

/** The drawing program and its fonts, once for the process. */
function prepared(): Promise<readonly Uint8Array[]> {
  ready ??= (async () => {
    const fonts = join(dirname(require.resolve("dejavu-fonts-ttf/package.json")), "ttf");
    const [wasm, plain, bold] = await Promise.all([
      readFile(require.resolve("@resvg/resvg-wasm/index_bg.wasm")),
      readFile(join(fonts, "DejaVuSans.ttf")),
      readFile(join(fonts, "DejaVuSans-Bold.ttf")),
    ]);
    await initWasm(wasm);
    return [plain, bold];
  })();
  return ready;
}

/** A drawing as PNG, so many pixels wide. */
export async function pngOf(svg: string, width: number): Promise<Uint8Array> {
  const fontBuffers = [...(await prepared())];
  const drawing = new Resvg(svg, {
    font: { fontBuffers, defaultFontFamily: "DejaVu Sans" },
    fitTo: { mode: "width", value: width },
  });
  const picture = drawing.render();
  try {
    return picture.asPng();
  } finally {
    picture.free();
    drawing.free();
  }
}

/** Words for an SVG. */
export const escaped = (words: string): string =>
  words
    .replace(/[^\P{Cc}\t]/gu, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
