import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Schemas } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Mark } from "../../ui/StatusMark.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import styles from "./Settings.module.css";

interface Props {
  recipient: Schemas["Recipient"];
  /** The reason that the reader may not change it. */
  needs: string | undefined;
  onRemove: () => void;
  onProblem: (error: unknown) => void;
}

/** One address: whether the person has confirmed it, and the link again where not. */
export function Recipient({ recipient, needs, onRemove, onProblem }: Props) {
  const { email, confirmed } = recipient;
  const client = useClient();
  const queries = useQueryClient();
  const texts = useWords().settings.recipients;
  const resend = useMutation({
    mutationFn: () => client.post("/v1/workspace/recipients/{email}/resend", { path: { email } }),
    onSuccess: (now) => {
      say({ text: now.confirmed ? texts.confirmedNow(email) : texts.resent(email), tone: "ok" });
      void queries.invalidateQueries({ queryKey: [client.workspace, "workspace"] });
    },
    onError: onProblem,
  });
  return (
    <li>
      <span className={styles.who}>
        <Foreign text={email} />
        {confirmed === true && (
          <Mark tone="ok" icon="check">
            {texts.confirmed}
          </Mark>
        )}
        {confirmed === false && (
          <Mark tone="wait" icon="clock">
            {texts.waiting}
          </Mark>
        )}
        {confirmed === null && (
          <Mark tone="quiet" icon="clock">
            {texts.unknown}
          </Mark>
        )}
      </span>
      <span className={styles.tools}>
        {confirmed === false && (
          <Button small busy={resend.isPending} reason={needs} onPress={() => resend.mutate()}>
            {texts.resend}
          </Button>
        )}
        <IconButton
          icon="trash"
          small
          label={texts.remove(email)}
          reason={needs}
          onPress={onRemove}
        />
      </span>
    </li>
  );
}
