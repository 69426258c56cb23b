import type { Page } from "@playwright/test";

/** Every text of the page that a reader sees or hears, but for strangers' (in `bdi`) and code. */
export function textsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found = new Set<string>();
    const add = (text: string | null) => {
      const trimmed = text?.replace(/\s+/g, " ").trim();
      if (trimmed) found.add(trimmed);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!parent?.checkVisibility() || parent.closest("bdi, code, pre, script, style")) continue;
      add(node.textContent);
    }
    for (const element of document.body.querySelectorAll("[aria-label], [placeholder], [title]")) {
      if (!element.checkVisibility() || element.matches("bdi, time")) continue;
      for (const name of ["aria-label", "placeholder", "title"]) add(element.getAttribute(name));
    }
    return [...found];
  });
}

/** Texts that no catalogue has: what a program writes where a text or a number is missing. */
export function broken(texts: readonly string[], keys: ReadonlySet<string>): string[] {
  return texts.filter(
    (text) => /\bundefined\b|\bNaN\b|\[object |\$\{|=>/.test(text) || keys.has(text),
  );
}

/** The names of all texts of a catalogue: `deliveries.tabs.error`. */
export function keysOf(value: unknown, before = ""): string[] {
  if (typeof value !== "object" || value === null) return [before];
  return Object.entries(value).flatMap(([name, part]) =>
    keysOf(part, before === "" ? name : `${before}.${name}`),
  );
}

/** The parts that are cut off or stand outside of the window at its present size. */
export function cutsOf(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    const cuts: string[] = [];
    const { clientWidth: width, scrollWidth } = document.documentElement;
    if (scrollWidth > width) cuts.push(`the page is ${scrollWidth} px wide`);

    /** True if an ancestor scrolls, shows that it cuts, or hides the whole from sight. */
    const isContained = (element: Element): boolean => {
      for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
        const { overflowX, textOverflow } = getComputedStyle(at);
        if (/auto|scroll/.test(overflowX) || textOverflow === "ellipsis") return true;
        if (overflowX === "hidden" && at.clientWidth <= 1) return true;
      }
      return false;
    };
    const isSeen = (element: Element) => {
      const box = element.getBoundingClientRect();
      const shown = element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
      return shown && box.width > 1 && box.height > 1 && box.bottom > 0;
    };
    const hasText = (element: Element) =>
      [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? "").trim() !== "",
      );
    const named = (element: Element) =>
      `${element.localName} “${(element.textContent ?? "").replace(/\s+/g, " ").trim().slice(0, 60)}”`;

    for (const element of document.body.querySelectorAll<HTMLElement>("*")) {
      if (!hasText(element) || !isSeen(element) || element.closest(".visually-hidden, svg"))
        continue;
      const { left, right } = element.getBoundingClientRect();
      if ((right > width + 1 || left < -1) && !isContained(element)) {
        cuts.push(`outside: ${named(element)}`);
      }
      const style = getComputedStyle(element);
      const more = element.scrollWidth - element.clientWidth;
      const mayBe = /auto|scroll/.test(style.overflowX) || style.textOverflow === "ellipsis";
      if (style.display !== "inline" && !mayBe && more > 1) {
        cuts.push(`too wide by ${more}: ${named(element)}`);
      }
      const clips = /hidden|clip/.test(style.overflowY) && style.webkitLineClamp === "none";
      if (clips && element.scrollHeight > element.clientHeight + 2) {
        cuts.push(`too high: ${named(element)}`);
      }
    }
    return cuts;
  });
}
