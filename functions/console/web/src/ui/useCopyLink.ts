import { useKey } from "../lib/useKey.ts";
import { useWords } from "../words/index.ts";
import { copyText } from "./clipboard.ts";
import { say } from "./toasts.ts";

/** Copies the address of a detail; the key of the table does so too. */
export function useCopyLink(href: string): () => void {
  const { drawer } = useWords().parts;
  async function copy(): Promise<void> {
    const link = new URL(href, window.location.href).href;
    const copied = await copyText(link);
    say({ text: copied ? drawer.linkCopied : drawer.linkRefused, tone: copied ? "ok" : "bad" });
  }
  const act = () => void copy();
  useKey("link", act);
  return act;
}
