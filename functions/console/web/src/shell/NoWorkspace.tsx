import { session as ways } from "../api/context.tsx";
import type { Session } from "../api/session.ts";
import { NativeButton } from "../ui/NativeButton.tsx";
import { useWords } from "../words/index.ts";
import { Message } from "./Message.tsx";
import { signOut } from "./signOut.ts";

/** A person who is signed in and is a member of no workspace. */
export function NoWorkspace({ session }: { session: Session }) {
  const w = useWords().common;
  const who = session.person?.email ?? session.key?.name ?? "";
  return (
    <Message title={w.signIn.title} text={w.signIn.noWorkspace(who)}>
      <NativeButton onPress={() => void signOut()}>{w.user.signOut}</NativeButton>
      <NativeButton onPress={() => void ways.load()}>{w.problem.retry}</NativeButton>
    </Message>
  );
}
