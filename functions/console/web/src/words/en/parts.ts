import type { parts as source } from "../pt/parts.ts";
import { f } from "./f.ts";

export const parts: typeof source = {
  copy: "Copy",
  copied: "Copied",
  copyByHand: "The browser refused the copy. The text is selected: Ctrl+C copies it.",
  showAll: "Show all",
  optional: "optional",

  filters: {
    bar: "Filters",
    clear: "Clear filters",
    search: "Search",
    nothing: "Nothing found",
    remove: (label) => `Remove the filter ${label}`,
    more: (first, others) => `${first} and ${f.number(others)} more`,
  },

  search: { clear: "Clear the search", hint: "Enter searches" },

  table: {
    actions: "Actions",
    actionsFor: (name) => `Actions for ${name}`,
    selected: (n) => f.count(n, "selected", "selected"),
    selectAll: (n) => `Select all ${f.number(n)} that match`,
    allSelected: (n) => `All ${f.number(n)} that match`,
    unselect: "Clear selection",
  },

  period: {
    label: "Period",
    today: "Today",
    yesterday: "Yesterday",
    last7: "Last 7 days",
    last30: "Last 30 days",
    month: "This month",
    all: "All",
    last: (amount, unit) =>
      unit === "h"
        ? `Last ${f.count(amount, "hour", "hours")}`
        : `Last ${f.count(amount, "day", "days")}`,
    since: (from) => `since ${from}`,
    until: (to) => `until ${to}`,
    between: (from, to) => `${from} to ${to}`,
    choose: "Choose dates",
    range: "Date range",
    fromDay: "From",
    toDay: "To",
    withTimes: "Include times",
    fromTime: "Start time",
    toTime: "End time",
    zone: (name) => `Days and times of ${name}`,
    done: "Done",
    beforeRetention: "Before the retention",
    retainedSince: (day) => `Nothing is kept from before ${day}`,
    previousMonth: "Previous month",
    nextMonth: "Next month",
  },

  drawer: {
    previous: "Previous",
    next: "Next",
    fullPage: "Open full page",
    copyLink: "Copy link",
    linkCopied: "Link copied",
    linkRefused: "The browser did not allow copying the link",
  },

  live: {
    off: "Live was switched off: an hour without use. The list stays as it is.",
  },

  confirm: { typeName: (name) => `To confirm, type ${name}` },

  toast: {
    region: "Messages",
    dismiss: "Dismiss",
    activity: "Activity of this tab",
    noActivity: "Nothing yet. What you do in this tab appears here.",
  },

  problem: {
    offline: "No connection to Gancho.",
    busy: "Gancho is busy. Try again in a moment.",
    ours: "Something failed on our side.",
  },

  secret: {
    once: "Shown only now. Store it in a safe place before you close this.",
    download: "Download .txt",
    saved: "I have saved it",
    closing: "Close without saving it?",
    closingText: "This value is not shown again.",
    back: "Back",
  },

  api: {
    view: "View as API",
    text: "The same request from a command line. Put an API key in the place of $KEY.",
  },

  chart: { asTable: "View as table" },

  time: {
    workspace: (name) => `Workspace (${name})`,
    browser: (name) => `Browser (${name})`,
    utc: "UTC",
  },

  inbound: { success: "Success", error: "Error", pending: "Pending" },
  delivery: {
    queued: "Queued",
    retrying: "Retrying",
    held: "Held",
    success: "Success",
    failure: "Failure",
    discarded: "Discarded",
  },
  endpoint: {
    active: "Active",
    probing: "Probing",
    suspended: "Suspended",
    disabled: "Disabled",
  },
  deal: { open: "Open", won: "Won", lost: "Lost" },
  yes: "Yes",
  no: "No",
};
