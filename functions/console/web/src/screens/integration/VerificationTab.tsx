import { useState } from "react";
import { useMay } from "../../api/context.tsx";
import { problemText } from "../../lib/problemText.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Confirm } from "../../ui/Dialog.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { SecretOnce } from "../../ui/SecretOnce.tsx";
import { Mark } from "../../ui/StatusMark.tsx";
import { Time } from "../../ui/Time.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import { AddCheck } from "./AddCheck.tsx";
import { AddressField } from "./AddressField.tsx";
import { readAddresses } from "./addresses.ts";
import { type SecretField, type ShownSecret, shownCheck, withSecret } from "./checks.ts";
import styles from "./Integration.module.css";
import { ReplaceSecret } from "./ReplaceSecret.tsx";
import { Saving } from "./Saving.tsx";
import type { Integration, IntegrationPatch } from "./useChange.ts";
import { useGuardedChange } from "./useGuardedChange.tsx";
import { useSettings } from "./useSettings.ts";

type Checks = Integration["verification"];

/** The proof of the sender: checks with their secrets, and the addresses that may send. */
export function VerificationTab({ integration }: { integration: Integration }) {
  const words = useWords();
  const { verification } = words.integrations;
  const isAdmin = useMay("admin");
  const change = useGuardedChange(integration, () => setRemoving(undefined));
  const [generated, setGenerated] = useState<string>();
  const [removing, setRemoving] = useState<number>();
  const checks = integration.verification;

  function send(next: Checks, onDone?: () => void) {
    // What the API shows of a check is what it takes to keep it: the types of both sides differ in name only.
    const patch: IntegrationPatch = {
      verification: next as NonNullable<IntegrationPatch["verification"]>,
    };
    change.send(patch, (changed) => {
      const secret = changed.generated.find((one) => one.value !== null)?.value;
      if (secret) setGenerated(secret);
      else say({ text: words.integrations.saved, tone: "ok" });
      onDone?.();
    });
  }
  return (
    <div className={styles.form}>
      {change.conflict}
      {change.error !== null && (
        <Banner tone="bad" alert>
          {problemText(change.error, words)}
        </Banner>
      )}
      {checks.length === 0 && <Banner tone="plain">{verification.none}</Banner>}
      {checks.map((check, at) => (
        <CheckCard
          // biome-ignore lint/suspicious/noArrayIndexKey: a check has no other name than its place.
          key={at}
          check={check}
          number={at + 1}
          isPending={change.isPending}
          onSecret={(field, secret) => send(withSecret(checks, at, field, secret))}
          onRemove={() => setRemoving(at)}
        />
      ))}
      {isAdmin && checks.length < 5 && (
        <div>
          <AddCheck busy={change.isPending} onAdd={(check) => send([...checks, check])} />
          <p className={styles.hint}>{verification.addAbout}</p>
        </div>
      )}
      <Addresses integration={integration} />
      {generated !== undefined && (
        <SecretOnce
          title={verification.generated}
          secret={generated}
          fileName="gancho-secret.txt"
          onClose={() => setGenerated(undefined)}
        />
      )}
      {removing !== undefined && change.conflict === null && (
        <Confirm
          danger
          title={verification.removeTitle}
          action={verification.remove}
          busy={change.isPending}
          onConfirm={() => send(checks.toSpliced(removing, 1), () => setRemoving(undefined))}
          onClose={() => setRemoving(undefined)}
        >
          <p>{verification.removeText}</p>
        </Confirm>
      )}
    </div>
  );
}

function CheckCard(props: {
  check: Checks[number];
  number: number;
  isPending: boolean;
  onSecret: (field: SecretField, secret: string | { revoke_previous: boolean }) => void;
  onRemove: () => void;
}) {
  const { integrations } = useWords();
  const words = integrations.verification;
  const isAdmin = useMay("admin");
  const shown = shownCheck(props.check);
  return (
    <section className={styles.checkCard} aria-label={words.check(props.number)}>
      <div className={styles.checkHead}>
        <h2 className={styles.checkTitle}>
          {words.types[shown.type]} {shown.detail !== undefined && <code>{shown.detail}</code>}
        </h2>
        {isAdmin && <IconButton small icon="trash" label={words.remove} onPress={props.onRemove} />}
      </div>
      {shown.secrets.map((secret) => (
        <SecretLine key={secret.field} {...props} secret={secret} isAdmin={isAdmin} />
      ))}
    </section>
  );
}

function SecretLine(props: {
  secret: ShownSecret;
  isAdmin: boolean;
  isPending: boolean;
  onSecret: (field: SecretField, secret: string | { revoke_previous: boolean }) => void;
}) {
  const { secret } = props;
  const { common, integrations } = useWords();
  const words = integrations.verification;
  const [replacing, setReplacing] = useState(false);
  const reason = props.isAdmin ? undefined : common.needs.admin;
  return (
    <>
      <div className={styles.secretLine}>
        <span>{words[secret.field]}</span>
        <Mark tone={secret.set ? "ok" : "wait"} icon={secret.set ? "check" : "warning"}>
          {secret.set ? words.set : words.notSet}
        </Mark>
        <Button small reason={reason} onPress={() => setReplacing(true)}>
          {words.replace}
        </Button>
      </div>
      {secret.previousUntil !== undefined && (
        <div className={styles.secretLine}>
          <span className={styles.hint}>
            {words.previous} <Time at={secret.previousUntil} />
          </span>
          <Button
            small
            reason={reason}
            busy={props.isPending}
            onPress={() => props.onSecret(secret.field, { revoke_previous: true })}
          >
            {words.revoke}
          </Button>
        </div>
      )}
      {replacing && (
        <ReplaceSecret
          onUse={(value) => {
            props.onSecret(secret.field, value);
            setReplacing(false);
          }}
          onClose={() => setReplacing(false)}
        />
      )}
    </>
  );
}

function addressesOf(integration: Integration) {
  return { ips: integration.allowed_ips.join("\n") };
}

function addressesPatch(values: { ips: string }): IntegrationPatch {
  return { allowed_ips: readAddresses(values.ips) };
}

function Addresses({ integration }: { integration: Integration }) {
  const { integrations } = useWords();
  const words = integrations.verification;
  const form = useSettings(integration, addressesOf, addressesPatch);
  return (
    <details className={styles.group} open={integration.allowed_ips.length > 0}>
      <summary>{words.advanced}</summary>
      <Saving {...form} onSave={() => form.save()}>
        <AddressField
          value={form.values.ips}
          onChange={(ips) => form.set({ ips })}
          problem={form.problem}
        />
      </Saving>
    </details>
  );
}
