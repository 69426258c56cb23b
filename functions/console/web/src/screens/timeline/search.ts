import { type Codec, joined, listOf, text } from "../../lib/search.ts";
import type { Side } from "../../lib/timeline.ts";

const SIDES = ["in", "events", "out"] as const satisfies readonly Side[];

export interface TimelineSearch {
  key: string | undefined;
  show: Side[];
  errors: boolean;
}

export const timelineSearch: Codec<TimelineSearch> = {
  parse: (raw) => ({
    key: text(raw.key, 256),
    show: listOf(raw.show, SIDES),
    errors: raw.errors === "true",
  }),
  write: ({ key, show, errors }) => ({
    key,
    show: joined(show),
    errors: errors ? "true" : undefined,
  }),
};
