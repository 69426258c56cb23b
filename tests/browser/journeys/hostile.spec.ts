import type { Page } from "@playwright/test";
import { FORMS, type Form, SENT, seedHostile } from "../support/hostile.ts";
import { NAMES, type Payload } from "../support/payloads.ts";
import { picture } from "../support/pictures.ts";
import { expect, test } from "../support/test.ts";

/** An icon that would run, load and lead away if it were more than a picture. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" onload="globalThis.pwned=1" width="20" height="20">
<script>globalThis.pwned=1</script><image href="https://evil.example/x.png"/>
<a href="javascript:globalThis.pwned=1"><rect width="20" height="20" fill="red"/></a></svg>`;

test("hostile: what strangers send and name is text on every screen", async ({
  page,
  api,
  host,
  faults,
  open,
}) => {
  // Some forty screens, each loaded whole.
  test.slow();
  const hostile = await seedHostile(api, host.inbox);
  const [origin, integration, rule] = [hostile.origins, hostile.integrations, hostile.rules].map(
    ([first]) => first ?? "",
  );
  const [endpoint = "", angry = ""] = [hostile.endpoints[0], hostile.endpoints.at(-1)];
  // A body that is no JSON is shown as it came.
  faults.expect(/status of 422 .*\/payload\?view=json/);
  await page.route("**/v1/applications/*/icon", (route) =>
    route.fulfill({ contentType: "image/svg+xml", body: ICON }),
  );
  await open("/");
  const base = new URL(page.url()).pathname.replace(/\/$/, "");
  const look = async (path: string, payloads: readonly Payload[] = []) => {
    await page.goto(base + path);
    await expectText(page, payloads);
    await expectInert(page, path);
  };
  const named = NAMES.slice(0, 1);
  const angrily = NAMES.slice(2, 3);

  await test.step("lists of what was named", async () => {
    await look("/origins", NAMES);
    await look("/integrations", NAMES);
    await look("/endpoints", NAMES);
    await look("/rules", NAMES);
    await look("/deliveries", NAMES);
    await picture(page, "hostile-deliveries");
    await look("/notices", angrily);
    await look("/", angrily);
  });

  await test.step("webhooks of every form, with their headers", async () => {
    const history = `/origins/${origin}/webhooks`;
    await look(history, named);
    for (const form of FORMS) {
      await look(`${history}/${hostile.webhooks[form]}?tab=payload`, seenIn(form));
      if (form === "keys") await picture(page, "hostile-payload");
    }
    await look(`${history}/${hostile.webhooks.values}`);
    await look(`${history}/${hostile.webhooks.values}?tab=headers`, NAMES);
    await look(`${history}?w=${hostile.webhooks.values}&tab=runs`, named);
  });

  await test.step("a delivery with its answers, its request and its event", async () => {
    await look(`/deliveries/${hostile.failed}`, SENT.slice(-2));
    await picture(page, "hostile-answer");
    await look(`/deliveries/${hostile.sent}?tab=request`, named);
    await look(`/deliveries/${hostile.sent}?tab=event`, named);
  });

  await test.step("each thing on its own", async () => {
    await look(`/origins/${origin}/settings`, named);
    await look(`/integrations/${integration}?tab=additional`, named);
    await look(`/integrations/${integration}?webhook=${hostile.webhooks.values}`, named);
    await look(`/rules/${rule}`, named);
    await look(`/endpoints/${endpoint}`, named);
    await look(`/endpoints/${angry}`, angrily);
    await look(`/endpoints/${angry}?tab=settings`, angrily);
    await look("/integrations/new");
    await look("/event-types");
    await look("/settings/general", angrily);
  });

  await test.step("payloads in the address", async () => {
    const text = encodeURIComponent(NAMES[2]?.text ?? "");
    await look(`/subjects?key=${text}`, angrily);
    await look(`/deliveries?subject=${text}&from=${text}&tab=${text}&d=${text}`);
    await look(`/origins/${origin}/webhooks?q=${text}&status=${text}&node=${text}`);
    await look(`/rules?integration=${text}&__proto__=${text}`);
  });

  await test.step("the palette, filters and messages", async () => {
    await look("/deliveries", NAMES);
    await page.getByRole("button", { name: "Regra", exact: true }).click();
    await expectText(page, NAMES.slice(0, 3));
    await expectInert(page, "filter");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await page.keyboard.press("Control+k");
    await page.getByPlaceholder(/^Nome, número do pedido/).fill("zero");
    await expect(page.getByRole("menuitem").first()).toBeVisible();
    await expectInert(page, "palette");
    await picture(page, "hostile-palette");
  });
});

/** The payloads that the first screen of a form shows; lists below the second level are folded. */
function seenIn(form: Form): readonly Payload[] {
  const shown: Record<Form, number> = { values: 10, keys: 10, half: 1, form: 10, xml: 1, text: 10 };
  return SENT.slice(0, shown[form]);
}

/** Waits until every payload is seen: a part of it before what a list may cut, or as JSON writes it. */
async function expectText(page: Page, payloads: readonly Payload[]): Promise<void> {
  await expect(page.locator("h1")).toBeVisible({ timeout: 40_000 });
  const parts = payloads.map(({ text, seen }) => [
    seen.slice(0, 14),
    JSON.stringify(text).slice(1, 15),
  ]);
  await expect
    .configure({ soft: true })
    .poll(
      async () => {
        const shown = await page.locator("body").innerText();
        return parts.filter((forms) => !forms.some((form) => shown.includes(form)));
      },
      { message: `payloads that ${page.url()} does not show`, timeout: 40_000 },
    )
    .toEqual([]);
}

/** Fails where a payload became more than text, or holds characters that are not seen. */
async function expectInert(page: Page, path: string): Promise<void> {
  expect.soft(await page.evaluate(faultsOfPage), path).toEqual([]);
}

function faultsOfPage(): string[] {
  const found: string[] = [];
  if ("pwned" in globalThis) found.push("a payload ran");
  const foreign = "iframe, object, embed, base, meta[http-equiv], video, form[action], math";
  for (const element of document.body.querySelectorAll(`script, style, ${foreign}`)) {
    found.push(`an element: ${element.outerHTML.slice(0, 200)}`);
  }
  for (const element of document.body.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (/^on/.test(name)) found.push(`a handler: ${element.outerHTML.slice(0, 200)}`);
      const leads = /^(href|src|action|formaction|xlink:href)$/.test(name);
      if (leads && !/^(\/console\/|\/_local\/mailbox$|#|data:image\/svg\+xml)/.test(value)) {
        found.push(`an address: ${name}=${value.slice(0, 100)}`);
      }
    }
  }
  // What is edited is shown as it is stored; everything else shows marks.
  const unseen = /(?![\t\n])[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;
  const check = (text: string | null, where: string) => {
    if (text && (unseen.test(text) || !text.isWellFormed())) {
      found.push(`${where}: ${JSON.stringify(text.slice(0, 120))}`);
    }
  };
  check(document.title, "title of the page");
  for (const element of document.body.querySelectorAll("*")) {
    for (const name of ["title", "aria-label", "placeholder", "alt"]) {
      check(element.getAttribute(name), `${name} of ${element.tagName}`);
    }
    for (const child of element.childNodes) {
      if (child instanceof Text && !element.closest("textarea, option")) {
        check(child.data, `text of ${element.tagName}.${element.className}`);
      }
    }
  }
  return found;
}
