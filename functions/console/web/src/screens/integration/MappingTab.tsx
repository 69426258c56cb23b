import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useClient, useMay } from "../../api/context.tsx";
import { Button } from "../../ui/Button.tsx";
import { Confirm } from "../../ui/Dialog.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useWords } from "../../words/index.ts";
import { useErrors } from "../mapping/errors.ts";
import { MappingEditor } from "../mapping/MappingEditor.tsx";
import { ReprocessErrors } from "../mapping/ReprocessErrors.tsx";
import { SaveDialog } from "../mapping/SaveDialog.tsx";
import { type Sample, samplesQuery } from "../mapping/sample.ts";
import { useMappingDraft } from "../mapping/useMappingDraft.ts";
import { Rehearse } from "../rehearse/Rehearse.tsx";
import styles from "./Integration.module.css";
import type { IntegrationSearch } from "./search.ts";
import type { Integration } from "./useChange.ts";
import { useLeaveGuard } from "./useLeaveGuard.tsx";

/** The mapping: edited, tried, rehearsed, saved, and then what failed is run again. */
export function MappingTab(props: {
  integration: Integration;
  search: IntegrationSearch;
  change: (part: Partial<IntegrationSearch>) => void;
}) {
  const { integration, search } = props;
  const client = useClient();
  const samples = useQuery(samplesQuery(client, integration.origin, integration.id));
  const [other, setOther] = useState<Sample>();
  const first = samples.data?.[0]?.id;
  if (samples.isPending && search.webhook === undefined && other === undefined) {
    return <Skeleton lines={10} />;
  }
  const fromAddress: Sample | undefined =
    search.webhook === undefined ? undefined : { kind: "webhook", id: search.webhook };
  const newest: Sample =
    first === undefined ? { kind: "application" } : { kind: "webhook", id: first };
  function choose(sample: Sample) {
    setOther(sample.kind === "webhook" ? undefined : sample);
    props.change({ webhook: sample.kind === "webhook" ? sample.id : undefined });
  }
  return (
    <Editing
      integration={integration}
      sample={other ?? fromAddress ?? newest}
      onSample={choose}
      field={search.field}
    />
  );
}

function Editing(props: {
  integration: Integration;
  sample: Sample;
  onSample: (sample: Sample) => void;
  field: string | undefined;
}) {
  const { integration } = props;
  const { common, mapping: words } = useWords();
  const control = useMappingDraft(integration);
  const [dialog, setDialog] = useState<"save" | "rehearse" | "discard" | "reprocess">();
  const [refused, setRefused] = useState<unknown>();
  const isAdmin = useMay("admin");
  const mayRehearse = useMay("operator");
  const close = () => setDialog(undefined);
  const guard = useLeaveGuard(control.isChanged);
  const unchanged = control.isChanged ? undefined : words.save.unchanged;
  return (
    <div className={styles.mapping}>
      <div className={styles.bar}>
        <ReprocessOffer integration={integration} onOpen={() => setDialog("reprocess")} />
        <span className={styles.barButtons}>
          {control.isChanged && <span className={styles.unsaved}>{words.save.unsaved}</span>}
          {control.isChanged && (
            <Button kind="quiet" onPress={() => setDialog("discard")}>
              {words.save.discard}
            </Button>
          )}
          <Button
            icon="retry"
            onPress={() => setDialog("rehearse")}
            reason={mayRehearse ? undefined : common.needs.operator}
          >
            {words.rehearse.button}
          </Button>
          <Button
            kind="primary"
            onPress={() => setDialog("save")}
            reason={isAdmin ? unchanged : common.needs.admin}
          >
            {words.save.button}
          </Button>
        </span>
      </div>
      <MappingEditor
        integration={integration}
        control={control}
        sample={props.sample}
        onSample={props.onSample}
        refused={refused}
        focus={props.field}
      />
      {dialog === "save" && (
        <SaveDialog
          integration={integration}
          control={control}
          onRefused={setRefused}
          onClose={close}
        />
      )}
      {dialog === "rehearse" && (
        <Rehearse integration={integration} control={control} onClose={close} />
      )}
      {dialog === "reprocess" && <ReprocessErrors integration={integration} onClose={close} />}
      {dialog === "discard" && (
        <Confirm
          title={words.save.discardAsk}
          action={words.save.discard}
          onConfirm={() => {
            control.reset();
            close();
          }}
          onClose={close}
        >
          <p>{words.save.discardText}</p>
        </Confirm>
      )}
      {guard}
    </div>
  );
}

function ReprocessOffer(props: { integration: Integration; onOpen: () => void }) {
  const { mapping: words } = useWords();
  const count = useErrors(props.integration).data ?? 0;
  if (count === 0) return <span />;
  return (
    <Button icon="retry" onPress={props.onOpen}>
      {words.reprocess.button(count)}
    </Button>
  );
}
