import { changes } from "./changes.ts";
import { codes } from "./codes.ts";
import { common } from "./common.ts";
import { deliveries } from "./deliveries.ts";
import { endpoints } from "./endpoints.ts";
import { history } from "./history.ts";
import { home } from "./home.ts";
import { integrations } from "./integrations.ts";
import { json } from "./json.ts";
import { keys } from "./keys.ts";
import { mapping } from "./mapping.ts";
import { palette } from "./palette.ts";
import { parts } from "./parts.ts";
import { rules } from "./rules.ts";
import { settings } from "./settings.ts";
import { timeline } from "./timeline.ts";

export const words = {
  common,
  home,
  history,
  integrations,
  deliveries,
  endpoints,
  json,
  keys,
  palette,
  parts,
  mapping,
  rules,
  timeline,
  settings,
  changes,
  codes,
};
