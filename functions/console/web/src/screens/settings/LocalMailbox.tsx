import { useSession } from "../../api/context.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";

/** On the local host: no e-mail is sent, and where the notices are instead. */
export function LocalMailbox() {
  const session = useSession();
  const texts = useWords().settings.recipients;
  if (session.is !== "in" || session.session.sign_in !== "local") return null;
  return (
    <Banner
      tone="plain"
      action={
        <a href="/_local/mailbox" target="_blank" rel="noreferrer">
          {texts.mailbox}
        </a>
      }
    >
      {texts.local}
    </Banner>
  );
}
