/** Copies a text. False where the browser refuses: the text then has to be selected by the reader. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Saves texts as a file of the reader's machine. */
export function download(name: string, type: string, texts: BlobPart[]): void {
  const url = URL.createObjectURL(new Blob(texts, { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read the file when the click returns; a moment more is for slow ones.
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
