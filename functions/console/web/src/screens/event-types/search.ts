import type { Codec } from "../../lib/search.ts";

export interface EventTypesSearch {
  type: string | undefined;
}

const TYPE = /^[a-z0-9_]{1,20}(\.[a-z0-9_]{1,20}){0,2}$/;

export const eventTypesSearch: Codec<EventTypesSearch> = {
  parse: (raw) => ({ type: TYPE.test(raw.type ?? "") ? raw.type : undefined }),
  write: ({ type }) => ({ type }),
};
