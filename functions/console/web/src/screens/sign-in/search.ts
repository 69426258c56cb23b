import { type Codec, text } from "../../lib/search.ts";

export interface SignInSearch {
  /** The address to go to afterwards. */
  next: string | undefined;
}

export const signInSearch: Codec<SignInSearch> = {
  parse: (raw) => ({ next: text(raw.next, 2000) }),
  write: ({ next }) => ({ next }),
};
