export interface Photo {
  readonly contentType: string;
  readonly base64: string;
}

/** A drawn pothole, so that a photo is one click away. */
export async function samplePhoto(): Promise<Photo> {
  const canvas = document.createElement("canvas");
  canvas.width = 320;
  canvas.height = 220;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser cannot draw.");
  const fill = (colour: string, draw: () => void) => {
    pen.fillStyle = colour;
    pen.beginPath();
    draw();
    pen.fill();
  };
  fill("#9ec9e6", () => pen.rect(0, 0, 320, 80));
  fill("#6b9a5b", () => pen.rect(0, 70, 320, 20));
  fill("#63656b", () => pen.rect(0, 88, 320, 132));
  for (const x of [10, 120, 230]) fill("#e9e3c8", () => pen.rect(x, 112, 70, 6));
  fill("#3c3a38", () => pen.ellipse(168, 168, 92, 34, 0.05, 0, 7));
  fill("#5b4a3a", () => pen.ellipse(168, 174, 72, 22, 0.05, 0, 7));
  fill("#7f97a6", () => pen.ellipse(150, 176, 36, 9, 0.05, 0, 7));
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("This browser cannot draw.");
  return fileAsBase64(blob);
}

export async function fileAsBase64(file: Blob): Promise<Photo> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return { contentType: file.type || "image/png", base64: btoa(binary) };
}
