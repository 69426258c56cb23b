import { useState } from "react";
import { useApplications } from "../../api/configuration.ts";
import { useMay } from "../../api/context.tsx";
import { problemText } from "../../lib/problemText.ts";
import { AppIcon } from "../../ui/AppIcon.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import { AskDeactivate, OfferProcess } from "../integrations/Asks.tsx";
import styles from "./Integration.module.css";
import type { Integration } from "./useChange.ts";
import { useGuardedChange } from "./useGuardedChange.tsx";

/** The sign and the name, which is edited in place. */
export function Heading({ integration }: { integration: Integration }) {
  const { integrations: words } = useWords();
  const application = useApplications().data?.find((one) => one.key === integration.application);
  const isAdmin = useMay("admin");
  const [editing, setEditing] = useState(false);
  return (
    <span className={styles.heading}>
      <AppIcon path={application?.icon} size={28} />
      {editing ? (
        <Rename integration={integration} onClose={() => setEditing(false)} />
      ) : (
        <>
          <Foreign text={integration.name} />
          {isAdmin && (
            <IconButton small icon="edit" label={words.rename} onPress={() => setEditing(true)} />
          )}
        </>
      )}
    </span>
  );
}

/** Switches the integration on and off; each asks for what follows from it. */
export function ActiveSwitch({ integration }: { integration: Integration }) {
  const words = useWords();
  const { common, integrations: w } = words;
  const isAdmin = useMay("admin");
  const [asking, setAsking] = useState<"off" | "process">();
  const change = useGuardedChange(integration);
  const failed = (error: unknown) => say({ text: problemText(error, words), tone: "bad" });
  function turn(active: boolean) {
    if (!active) return setAsking("off");
    change.send({ active }, () => setAsking("process"), failed);
  }
  return (
    <>
      <Switch
        selected={integration.active}
        onChange={turn}
        reason={isAdmin ? undefined : common.needs.admin}
      >
        {w.active}
      </Switch>
      {asking === "off" && (
        <AskDeactivate
          name={integration.name}
          onClose={() => setAsking(undefined)}
          onConfirm={() => {
            change.send({ active: false }, undefined, failed);
            setAsking(undefined);
          }}
        />
      )}
      {asking === "process" && (
        <OfferProcess integration={integration} onClose={() => setAsking(undefined)} />
      )}
      {change.conflict}
    </>
  );
}

function Rename(props: { integration: Integration; onClose: () => void }) {
  const words = useWords();
  const [name, setName] = useState(props.integration.name);
  const [opened] = useState(props.integration);
  const change = useGuardedChange(opened, props.onClose);
  return (
    <>
      <form
        className={styles.rename}
        onKeyDown={(event) => event.key === "Escape" && props.onClose()}
        onSubmit={(event) => {
          event.preventDefault();
          change.send({ name: name.trim() }, props.onClose);
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
          error={change.error === null ? undefined : problemText(change.error, words)}
        />
        <Button submit kind="primary" busy={change.isPending}>
          {words.integrations.save}
        </Button>
        <Button onPress={props.onClose}>{words.common.cancel}</Button>
      </form>
      {change.conflict}
    </>
  );
}
