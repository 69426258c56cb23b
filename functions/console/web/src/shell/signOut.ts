import { session } from "../api/context.tsx";
import { paths } from "../lib/paths.ts";

/** Ends the session here and, where the issuer has an address for it, there. */
export async function signOut(): Promise<void> {
  const end = await session.signOut();
  location.assign(end ?? paths.signIn());
}
