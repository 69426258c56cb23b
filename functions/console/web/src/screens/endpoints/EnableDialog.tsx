import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useClient, useIdempotencyKey } from "../../api/context.tsx";
import { problemText } from "../../lib/problemText.ts";
import { countText } from "../../lib/time.ts";
import { Button } from "../../ui/Button.tsx";
import { Confirm, Dialog } from "../../ui/Dialog.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { RadioCards } from "../../ui/RadioCards.tsx";
import { say } from "../../ui/toasts.ts";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { type Endpoint, useEndpointTouched } from "./useEndpointActions.tsx";

type Held = "all" | "newest_per_subject" | "none";

/** Enables an endpoint, with a choice of what becomes of the held deliveries. Discarding all asks again. */
export function EnableDialog(props: { endpoint: Endpoint; onClose: () => void }) {
  const { endpoint, onClose } = props;
  const client = useClient();
  const words = useWords();
  const texts = words.endpoints.one.enableDialog;
  const language = useLanguage();
  const { key } = useIdempotencyKey();
  const touched = useEndpointTouched();
  const [held, setHeld] = useState<Held>("all");
  const [asks, setAsks] = useState(false);
  const count =
    endpoint.held >= 1000 ? words.endpoints.heldMany : countText(endpoint.held, language);
  const act = useMutation({
    mutationFn: () =>
      client.post("/v1/endpoints/{endpoint}/enable", {
        path: { endpoint: endpoint.id },
        body: { held },
        idempotencyKey: key,
      }),
    onSuccess: (changed) => {
      touched(changed);
      say({ text: changed.state === "active" ? texts.doneEmpty : texts.done, tone: "ok" });
      onClose();
    },
  });
  const failure = act.isError && (
    <Banner tone="bad" alert>
      {problemText(act.error, words)}
    </Banner>
  );
  if (asks) {
    return (
      <Confirm
        danger
        title={texts.discardTitle(count)}
        action={texts.discardAction(count)}
        busy={act.isPending}
        onConfirm={() => act.mutate()}
        onClose={() => setAsks(false)}
      >
        {failure}
        <p>{texts.discardText}</p>
      </Confirm>
    );
  }
  return (
    <Dialog
      width="small"
      title={texts.title(endpoint.name)}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{words.common.cancel}</Button>
          <Button
            kind="primary"
            busy={act.isPending}
            onPress={() => (held === "none" && endpoint.held > 0 ? setAsks(true) : act.mutate())}
          >
            {texts.action}
          </Button>
        </>
      }
    >
      {failure}
      {endpoint.held === 0 ? (
        <p>{words.endpoints.one.heldNone}</p>
      ) : (
        <>
          <p>{texts.text}</p>
          <RadioCards
            label={texts.held}
            value={held}
            onChange={setHeld}
            cards={[
              { id: "all", name: texts.all(count) },
              { id: "newest_per_subject", name: texts.newest, about: texts.newestHint },
              { id: "none", name: texts.none, about: texts.noneHint },
            ]}
          />
        </>
      )}
    </Dialog>
  );
}
