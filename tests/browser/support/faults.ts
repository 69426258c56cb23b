import type { BrowserContext, ConsoleMessage, Page } from "@playwright/test";

/** The faults of a page, which no journey may cause. */
export class Faults {
  readonly seen: string[] = [];
  readonly #base: string;
  readonly #expected: RegExp[] = [];

  constructor(base: string) {
    this.#base = base;
  }

  /** A journey that provokes failed requests says which console errors they cause. */
  expect(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  /** Collects from every page of the context, those that it opens later too. */
  async watch(context: BrowserContext): Promise<void> {
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        // biome-ignore lint/suspicious/noConsole: the console is how a page tells this program
        console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    context.on("page", (page) => this.#watchPage(page));
    context.on("request", (request) => {
      const url = request.url();
      const own = url.startsWith(this.#base) || url.startsWith("data:") || url.startsWith("blob:");
      if (!own) this.#add(`a request to another origin: ${url}`);
    });
  }

  #watchPage(page: Page): void {
    page.on("pageerror", (error) => this.#add(`a page error: ${error.stack ?? error.message}`));
    page.on("dialog", (dialog) => this.#add(`a dialog of the browser: ${dialog.message()}`));
    page.on("console", (message: ConsoleMessage) => {
      if (message.type() === "error" || message.type() === "warning") {
        this.#add(`a console ${message.type()}: ${message.text()} ${message.location().url}`);
      }
    });
  }

  #add(fault: string): void {
    if (!this.#expected.some((pattern) => pattern.test(fault))) this.seen.push(fault);
  }
}
