import { useState } from "react";
import { type Schemas, useRules } from "../../api/configuration.ts";
import { useWorkspace } from "../../api/context.tsx";
import type { DeliveryDetail } from "../../api/deliveries.ts";
import { tailOf } from "../../lib/ids.ts";
import { paths } from "../../lib/paths.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { ButtonLink, Link } from "../../ui/Link.tsx";
import { useWords } from "../../words/index.ts";
import { RuleDifference } from "../rule/RuleDifference.tsx";
import styles from "./Delivery.module.css";

/** The rule of a delivery in the version that made it; where it has changed since, the difference. */
export function RuleFact({ rule }: { rule: DeliveryDetail["rule"] }) {
  const { deliveries: texts } = useWords();
  const words = texts.detail;
  const { id: ws } = useWorkspace();
  const now = useRules().data?.find((one) => one.id === rule.id);
  return (
    <>
      {rule.name === null ? (
        `${tailOf(rule.id)} (${texts.deleted})`
      ) : (
        <Link href={paths.rule(ws, rule.id)}>
          <Foreign text={rule.name} />
        </Link>
      )}{" "}
      <span className={styles.muted}>{words.ruleVersion(rule.version)}</span>
      {now !== undefined && now.version > rule.version && (
        <Changed rule={now} version={rule.version} />
      )}
    </>
  );
}

function Changed({ rule, version }: { rule: Schemas["Rule"]; version: number }) {
  const { deliveries, integrations } = useWords();
  const words = deliveries.detail;
  const { id: ws } = useWorkspace();
  const [open, setOpen] = useState(false);
  const title = integrations.versions.compare(version, rule.version);
  return (
    <span className={styles.changed}>
      {words.ruleChanged}{" "}
      <Button small onPress={() => setOpen(true)}>
        {words.ruleDifference}
      </Button>
      {open && (
        <Dialog
          dismissable
          width="large"
          title={title}
          onClose={() => setOpen(false)}
          footer={
            <ButtonLink href={paths.rule(ws, rule.id, { version: String(version) })}>
              {deliveries.menu.rule}
            </ButtonLink>
          }
        >
          <RuleDifference
            rule={rule}
            version={version}
            label={title}
            columns={[words.ruleThen(version), words.ruleNow(rule.version)]}
          />
        </Dialog>
      )}
    </span>
  );
}
