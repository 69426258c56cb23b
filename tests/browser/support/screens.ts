import type { Locator, Page } from "@playwright/test";
import type { Showroom } from "./showroom.ts";
import type { Words } from "./words.ts";

/** The things by which a screen may be found. */
export type At = { page: Page; words: Words; room: Showroom };

/** One screen, or one state of it. Journeys, axe and pictures read this table. */
export type Screen = {
  /** The name of its pictures. */
  name: string;
  /** Below `/console/w/{workspace}`; `path` begins with `/console/` where it lies outside. */
  path: (room: Showroom) => string;
  /** It is there once this is visible. */
  ready: (at: At) => Locator;
  /** Opens a dialog, a menu or a popover on it. */
  open?: (at: At) => Promise<void>;
};

const heading =
  (name: (words: Words, room: Showroom) => string | RegExp) =>
  ({ page, words, room }: At) =>
    page.getByRole("heading", { name: name(words, room) }).first();
const text =
  (pick: (words: Words, room: Showroom) => string | RegExp) =>
  ({ page, words, room }: At) =>
    page.getByText(pick(words, room)).first();
const firstRow = ({ page }: At) => page.getByRole("row").nth(1);
const press =
  (name: (words: Words) => string | RegExp) =>
  ({ page, words }: At) =>
    page
      .getByRole("main")
      .getByRole("button", { name: name(words) })
      .first()
      .click();
/** An action of the menu of a list's first row. */
const rowAction = (name: (words: Words) => string) => async (at: At) => {
  await rowMenu(at);
  await at.page.getByRole("menuitem", { name: name(at.words), exact: true }).click();
};
const rowMenu = ({ page, words }: At) =>
  page
    .getByRole("button", { name: new RegExp(words.parts.table.actionsFor("")) })
    .first()
    .click();

const history = ({ inbound }: Showroom, query = "") =>
  `/origins/${inbound.origin}/webhooks${query}`;
const integration = ({ inbound }: Showroom, query = "") =>
  `/integrations/${inbound.form.id}${query}`;
const shop = ({ outbound }: Showroom, query = "") => `/endpoints/${outbound.shop.id}${query}`;
const erp = ({ outbound }: Showroom, query = "") => `/endpoints/${outbound.erp.id}${query}`;

const HOME: Screen[] = [
  { name: "home", path: () => "/", ready: text((w) => w.home.lastErrors) },
  {
    name: "palette",
    path: () => "/",
    ready: text((w) => w.home.lastErrors),
    open: async ({ page, words }) => {
      await page.keyboard.press("Control+k");
      await page
        .getByRole("dialog", { name: words.palette.title })
        .getByRole("searchbox")
        .fill("PED-3");
    },
  },
  {
    name: "user-menu",
    path: () => "/",
    ready: text((w) => w.home.lastErrors),
    open: async ({ page, words }) => {
      await page.getByRole("button", { name: new RegExp(words.common.user.menu) }).click();
    },
  },
  { name: "me", path: () => "/console/me", ready: heading((w) => w.settings.me.title) },
  {
    name: "settings-general",
    path: () => "/settings/general",
    ready: text((w) => w.settings.general.name),
  },
  {
    name: "settings-recipients",
    path: () => "/settings/recipients",
    ready: text((w) => w.settings.recipients.none),
  },
  {
    name: "notices",
    path: () => "/notices",
    ready: text((w) => w.endpoints.notices.kinds.suspended),
  },
  { name: "jobs", path: () => "/jobs", ready: firstRow },
  { name: "job", path: ({ job }) => `/jobs/${job.id}`, ready: text((w) => w.history.jobs.total) },
  { name: "not-found", path: () => "/nothing", ready: text((w) => w.common.problem.notFound) },
];

const ORIGINS: Screen[] = [
  { name: "origins", path: () => "/origins", ready: firstRow },
  {
    name: "origin-new",
    path: () => "/origins",
    ready: firstRow,
    open: press((w) => w.home.origins.new),
  },
  {
    name: "origin-delete",
    path: () => "/origins",
    ready: firstRow,
    open: rowAction((w) => w.home.origins.delete),
  },
  ...(["general", "integrations", "history", "advanced"] as const).map((tab) => ({
    name: `origin-${tab}`,
    path: ({ inbound }: Showroom) => `/origins/${inbound.origin}/settings?tab=${tab}`,
    ready: heading(() => "Vendas"),
  })),
];

const HISTORY: Screen[] = [
  { name: "history", path: (room) => history(room), ready: firstRow },
  {
    name: "history-filtered",
    path: (room) => history(room, "?status=error&from=-7d"),
    ready: firstRow,
  },
  {
    name: "history-none",
    path: (room) => history(room, "?q=nada"),
    ready: text((w) => w.history.empty.noMatch),
  },
  {
    name: "history-status",
    path: (room) => history(room),
    ready: firstRow,
    open: press((w) => w.history.filters.status),
  },
  {
    name: "history-period",
    path: (room) => history(room),
    ready: firstRow,
    open: async (at) => {
      await press((w) => w.history.filters.date)(at);
      await at.page.getByRole("button", { name: at.words.parts.period.done }).waitFor();
    },
  },
  { name: "history-menu", path: (room) => history(room), ready: firstRow, open: rowMenu },
  {
    name: "history-selected",
    path: (room) => history(room),
    ready: firstRow,
    open: async ({ page }) => {
      await page.getByRole("row").nth(2).getByRole("checkbox").check({ force: true });
    },
  },
  {
    name: "history-reprocess",
    path: (room) => history(room, "?status=error&again=1"),
    ready: ({ page }) => page.getByRole("alertdialog"),
  },
];

const WEBHOOK: Screen[] = [
  ...(["summary", "payload", "runs", "headers"] as const).map((tab) => ({
    name: `webhook-${tab}`,
    path: (room: Showroom) => history(room, `?w=${room.failed.id}&tab=${tab}`),
    ready: ({ page, words }: At) =>
      page.getByRole("tab", { name: words.history.webhook.tabs[tab], selected: true }),
  })),
  {
    name: "webhook-page",
    path: (room) => history(room, `/${room.failed.id}`),
    ready: text((w) => w.history.webhook.facts),
  },
];

const INTEGRATIONS: Screen[] = [
  { name: "integrations", path: () => "/integrations", ready: firstRow },
  {
    name: "integrations-choose",
    path: () => "/integrations",
    ready: firstRow,
    open: press((w) => w.integrations.create),
  },
  { name: "integrations-menu", path: () => "/integrations", ready: firstRow, open: rowMenu },
  {
    name: "integrations-delete",
    path: () => "/integrations",
    ready: firstRow,
    open: rowAction((w) => w.integrations.remove),
  },
  {
    name: "integrations-off",
    path: () => "/integrations",
    ready: firstRow,
    open: rowAction((w) => w.integrations.deactivate),
  },
];

const INTEGRATION: Screen[] = [
  {
    name: "mapping",
    path: (room) => integration(room, `?webhook=${room.failed.id}`),
    ready: text(() => "pessoa"),
  },
  {
    name: "mapping-rehearse",
    path: (room) => integration(room),
    ready: text(() => "pessoa"),
    open: async (at) => {
      await press((w) => w.mapping.rehearse.button)(at);
      const dialog = at.page.getByRole("dialog");
      await dialog.getByRole("button", { name: at.words.mapping.rehearse.start }).click();
      await dialog.getByRole("button", { name: at.words.mapping.rehearse.start }).waitFor();
    },
  },
  ...(["additional", "verification", "url", "refused", "versions", "receive"] as const).map(
    (tab) => ({
      name: `integration-${tab}`,
      path: ({ inbound }: Showroom) =>
        `/integrations/${(tab === "versions" ? inbound.form : inbound.store).id}?tab=${tab}`,
      ready: ({ page, words }: At) =>
        page.getByRole("tab", { name: words.integrations.tabs[tab], selected: true }),
    }),
  ),
  {
    name: "integration-rotate",
    path: (room) => integration(room, "?tab=url"),
    ready: text((w) => w.integrations.url.title),
    open: press((w) => w.integrations.url.rotate),
  },
  {
    name: "integration-restore",
    path: (room) => integration(room, "?tab=versions"),
    ready: text((w) => w.integrations.versions.about),
    open: press((w) => new RegExp(w.integrations.versions.restore(1))),
  },
];

const WIZARD: Screen[] = [
  { name: "wizard-application", path: () => "/integrations/new", ready: text(() => "GitHub") },
  {
    name: "wizard-origin",
    path: ({ inbound }) =>
      `/integrations/new?step=origin&application=github&origin=${inbound.origin}`,
    ready: heading((w) => w.integrations.wizard.originTitle),
  },
  ...(["verification", "sample", "mapping", "additional", "done"] as const).map((step) => ({
    name: `wizard-${step}`,
    path: ({ unfinished }: Showroom) =>
      `/integrations/new?step=${step}&integration=${unfinished.id}`,
    ready: heading((w: Words) => w.integrations.wizard[`${step}Title`]),
  })),
];

const DELIVERIES: Screen[] = [
  { name: "deliveries", path: () => "/deliveries", ready: firstRow },
  { name: "deliveries-error", path: () => "/deliveries?tab=error", ready: firstRow },
  { name: "deliveries-held", path: () => "/deliveries?tab=held", ready: firstRow },
  {
    name: "deliveries-none",
    path: () => "/deliveries?subject=nada",
    ready: text((w) => w.deliveries.empty.noMatch),
  },
  { name: "deliveries-menu", path: () => "/deliveries", ready: firstRow, open: rowMenu },
  {
    name: "deliveries-resend",
    path: () => "/deliveries?tab=error",
    ready: firstRow,
    open: press((w) => w.deliveries.bulk.button),
  },
  {
    name: "deliveries-resend-one",
    path: () => "/deliveries?tab=success",
    ready: firstRow,
    open: rowAction((w) => w.deliveries.menu.resend),
  },
  {
    name: "deliveries-send",
    path: () => "/deliveries?subject=PED-3",
    ready: firstRow,
    open: press((w) => w.deliveries.send),
  },
];

const DELIVERY: Screen[] = [
  {
    name: "delivery-drawer",
    path: ({ delivered }) => `/deliveries?d=${delivered.id}`,
    ready: text(() => "HTTP 200"),
  },
  {
    name: "delivery-retrying",
    path: ({ retrying }) => `/deliveries/${retrying.id}`,
    ready: text(() => "HTTP 503"),
  },
  {
    name: "delivery-held",
    path: ({ held }) => `/deliveries/${held.id}`,
    ready: text((w) => w.deliveries.detail.about),
  },
  ...(["request", "event", "verify"] as const).map((tab) => ({
    name: `delivery-${tab}`,
    path: ({ delivered }: Showroom) => `/deliveries/${delivered.id}`,
    ready: text(() => "HTTP 200"),
    open: ({ page, words }: At) =>
      page.getByRole("tab", { name: words.deliveries.detail.tabs[tab] }).click(),
  })),
  { name: "timeline", path: () => "/subjects?key=PED-3", ready: text((w) => w.timeline.webhook) },
  { name: "timeline-start", path: () => "/subjects", ready: text((w) => w.timeline.empty) },
];

const ENDPOINTS: Screen[] = [
  { name: "endpoints", path: () => "/endpoints", ready: firstRow },
  { name: "endpoint-new", path: () => "/endpoints/new", ready: heading((w) => w.endpoints.new) },
  {
    name: "endpoint-custom",
    path: () => "/endpoints/new",
    ready: heading((w) => w.endpoints.new),
    open: ({ page, words }) => page.getByText(words.endpoints.presets.custom.name).first().click(),
  },
];

const ENDPOINT: Screen[] = [
  ...(["state", "deliveries", "settings", "secret", "test", "rules"] as const).map((tab) => ({
    name: `endpoint-${tab}`,
    path: (room: Showroom) => shop(room, `?tab=${tab}`),
    ready: ({ page, words }: At) =>
      page.getByRole("tab", { name: words.endpoints.one.tabs[tab], selected: true }),
  })),
  {
    name: "endpoint-healthy",
    path: (room) => erp(room),
    ready: text((w) => w.endpoints.one.sentence.active),
  },
  {
    name: "endpoint-counting",
    path: ({ outbound }) => `/endpoints/${outbound.slow.id}`,
    ready: text((w) => w.endpoints.one.chart.healthy),
  },
  {
    name: "endpoint-enable",
    path: (room) => shop(room),
    ready: text((w) => w.endpoints.one.heldLink),
    open: press((w) => w.endpoints.enable),
  },
  {
    name: "endpoint-disable",
    path: (room) => erp(room),
    ready: text((w) => w.endpoints.one.sentence.active),
    open: press((w) => w.endpoints.disable),
  },
  {
    name: "endpoint-delete",
    path: (room) => erp(room),
    ready: text((w) => w.endpoints.one.sentence.active),
    open: press((w) => w.endpoints.menu.delete),
  },
  {
    name: "endpoint-rotate",
    path: (room) => erp(room, "?tab=secret"),
    ready: text((w) => w.endpoints.one.secretText),
    open: press((w) => w.endpoints.one.rotate),
  },
  {
    name: "endpoint-tested",
    path: (room) => erp(room, "?tab=test"),
    ready: text((w) => w.endpoints.one.test.text),
    open: async (at) => {
      await press((w) => w.endpoints.one.test.send)(at);
      await at.page.getByText(at.words.endpoints.one.test.ok).first().waitFor();
    },
  },
  {
    name: "as-api",
    path: (room) => erp(room),
    ready: text((w) => w.endpoints.one.sentence.active),
    open: press((w) => w.parts.api.view),
  },
];

const RULES: Screen[] = [
  { name: "rules", path: () => "/rules", ready: firstRow },
  {
    name: "rule-delete",
    path: () => "/rules",
    ready: firstRow,
    open: rowAction((w) => w.rules.remove),
  },
  { name: "rule-new", path: () => "/rules/new", ready: heading((w) => w.rules.create) },
  {
    name: "rule",
    path: ({ outbound }) => `/rules/${outbound.rules[0]?.id}`,
    ready: heading(() => "Despachos para o ERP"),
  },
  {
    name: "event-types",
    path: () => "/event-types?type=deal.created",
    ready: text((w) => w.rules.types.fields),
  },
  {
    name: "event-publish",
    path: () => "/event-types?type=deal.created",
    ready: text((w) => w.rules.types.fields),
    open: press((w) => w.rules.types.publish),
  },
];

/** Every screen of the routes, in every state that a press opens, by what they belong to. */
export const SCREENS = {
  HOME,
  ORIGINS,
  HISTORY,
  WEBHOOK,
  INTEGRATIONS,
  INTEGRATION,
  WIZARD,
  DELIVERIES,
  DELIVERY,
  ENDPOINTS,
  ENDPOINT,
  RULES,
};
