import { useState } from "react";
import { useApplications } from "../../api/configuration.ts";
import { useMay } from "../../api/context.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { problemText } from "../../ui/Problem.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { useWords } from "../../words/index.ts";
import { ApplicationIcon } from "../integrations/ApplicationIcon.tsx";
import { AskDeactivate, OfferProcess } from "../integrations/Asks.tsx";
import styles from "./Integration.module.css";
import { type Integration, useChange } from "./useChange.ts";

/** The name, edited in place, and the switch. */
export function Heading({ integration }: { integration: Integration }) {
  const { common, integrations: words } = useWords();
  const application = useApplications().data?.find((one) => one.key === integration.application);
  const isAdmin = useMay("admin");
  const [editing, setEditing] = useState(false);
  const [asking, setAsking] = useState<"off" | "process">();
  const change = useChange(integration);
  function turn(active: boolean) {
    if (!active) return setAsking("off");
    change.mutate({ active }, { onSuccess: () => setAsking("process") });
  }
  return (
    <span className={styles.heading}>
      <ApplicationIcon path={application?.icon} size={28} />
      {editing ? (
        <Rename integration={integration} onClose={() => setEditing(false)} />
      ) : (
        <>
          <bdi>{integration.name}</bdi>
          {isAdmin && (
            <IconButton small icon="edit" label={words.rename} onPress={() => setEditing(true)} />
          )}
        </>
      )}
      <span className={styles.switch}>
        <Switch
          selected={integration.active}
          onChange={turn}
          reason={isAdmin ? undefined : common.needs.admin}
        >
          {words.active}
        </Switch>
      </span>
      {asking === "off" && (
        <AskDeactivate
          name={integration.name}
          onClose={() => setAsking(undefined)}
          onConfirm={() => {
            change.mutate({ active: false });
            setAsking(undefined);
          }}
        />
      )}
      {asking === "process" && (
        <OfferProcess integration={integration} onClose={() => setAsking(undefined)} />
      )}
    </span>
  );
}

function Rename(props: { integration: Integration; onClose: () => void }) {
  const words = useWords();
  const [name, setName] = useState(props.integration.name);
  const change = useChange(props.integration);
  return (
    <form
      className={styles.rename}
      onKeyDown={(event) => event.key === "Escape" && props.onClose()}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ name: name.trim() }, { onSuccess: props.onClose });
      }}
    >
      <TextInput
        required
        autoFocus
        label={words.integrations.name}
        name="name"
        value={name}
        onChange={setName}
        maxLength={100}
        error={change.error ? problemText(change.error, words) : undefined}
      />
      <Button submit kind="primary" busy={change.isPending}>
        {words.integrations.save}
      </Button>
      <Button onPress={props.onClose}>{words.common.cancel}</Button>
    </form>
  );
}
