import { type ReactNode, useEffect, useMemo, useState } from "react";
import { type Schemas, useApplications } from "../../api/configuration.ts";
import { useMay } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { indexJson } from "../../lib/jsonIndex.ts";
import { type Field, filled, type Mapping, withPath } from "../../lib/mappingDraft.ts";
import { FieldsPane } from "./FieldsPane.tsx";
import styles from "./Mapping.module.css";
import { ResultPane } from "./ResultPane.tsx";
import { SamplePane } from "./SamplePane.tsx";
import { previewRequest, type Sample, useSampleBody } from "./sample.ts";
import { useTargetLabel } from "./targets.ts";
import { type PickedValue, pickedInTree, pickedPath, UseDialog } from "./UseDialog.tsx";
import type { MappingControl } from "./useMappingDraft.ts";
import { usePreview } from "./usePreview.ts";

/** Three panes: the sample, the fields, what they make of it. A click on a value fills a field. */
export function MappingEditor(props: {
  integration: Schemas["Integration"];
  control: MappingControl;
  sample: Sample;
  onSample: (sample: Sample) => void;
  /** The refusal of the last save. */
  refused: unknown;
  /** A target that is shown first, from the link of an error. */
  focus?: string | undefined;
  children?: ReactNode;
}) {
  const { integration, control, sample } = props;
  const { mapping, draft } = control;
  const isReadOnly = !useMay("admin");
  const labelOf = useTargetLabel();
  const [picked, setPicked] = useState<PickedValue>();
  const [picking, setPicking] = useState<string>();

  const application = useApplications().data?.find((one) => one.key === integration.application);
  const body = useSampleBody(sample, integration.origin, integration.application);
  const requestFor = (of: Mapping) => previewRequest(sample, body.text, application, of);
  const request = requestFor(mapping);
  const preview = usePreview(integration.id, request);
  const rows = useRows(control, preview.data, props.refused ?? preview.error);
  const marks = useMemo(() => marksOf(mapping, labelOf), [mapping, labelOf]);
  useFocus(props.focus, draft);

  const targetOf = (id: string | undefined) =>
    draft.fields.find((row) => row.id === id)?.field.target;
  const choosing = targetOf(picking);
  const taken = new Set(
    draft.fields.filter((row) => row.field.path).map((row) => row.field.target),
  );

  function use(field: Field) {
    // The row that asked, else one of the same target: two rows of one target would write over each other.
    const same = draft.fields.find(
      (row) => row.id === picking && row.field.target === field.target,
    );
    const other = draft.fields.find((row) => row.field.target === field.target);
    const next = withPath(draft, field, same?.id ?? other?.id);
    control.change({ kind: "replace", draft: next });
    close();
  }
  function close() {
    setPicked(undefined);
    setPicking(undefined);
  }
  function drop(id: string, node: number) {
    const result = body.text === undefined ? undefined : indexJson(body.text);
    if (body.text === undefined || !result?.ok) return;
    setPicking(id);
    setPicked(pickedInTree({ json: { text: body.text, index: result.index }, node }));
  }
  const addKey = (path: string) => {
    control.change({ kind: "keys", keys: [...draft.keys.filter((key) => key !== ""), path] });
    close();
  };
  return (
    <div className={styles.panes}>
      <SamplePane
        origin={integration.origin}
        integration={integration.id}
        application={integration.application}
        sample={sample}
        onSample={props.onSample}
        body={body}
        paths={preview.data?.paths}
        marks={marks}
        onPick={(value) => !isReadOnly && setPicked(pickedInTree(value))}
        onPickPath={(path, value) => !isReadOnly && setPicked(pickedPath(path, value))}
        choosingFor={choosing === undefined ? undefined : labelOf(choosing)}
        onStop={() => setPicking(undefined)}
      />
      <FieldsPane
        control={control}
        isReadOnly={isReadOnly}
        picking={picking}
        stepOf={rows.stepOf}
        problemOf={rows.problemOf}
        onPick={setPicking}
        onDrop={drop}
      />
      <div className={styles.resultColumn}>
        <ResultPane
          preview={preview}
          action={integration.action}
          hasSample={request !== undefined}
        />
        {props.children}
      </div>
      {picked && (
        <UseDialog
          picked={picked}
          target={choosing}
          taken={taken}
          integration={integration.id}
          requestFor={(field) => requestFor({ fields: [field], keys: [] })}
          onUse={use}
          onKey={draft.keys.length < 3 ? addKey : undefined}
          onClose={close}
        />
      )}
    </div>
  );
}

/** The values of the sample that a field reads are marked with the field's label. */
function marksOf(mapping: Mapping, labelOf: (id: string) => string) {
  return (mapping.fields ?? []).flatMap((field) => {
    const paths = field.path ? [field.path] : (field.paths ?? []);
    if (field.from === "query") return [];
    return paths.map((path) => ({ path, label: labelOf(field.target) }));
  });
}

/** The problems of each row, from the preview and the last refusal. */
function useRows(
  control: MappingControl,
  preview: Schemas["Preview"] | undefined,
  refused: unknown,
) {
  const sent = filled(control.draft);
  const placeOf = (id: string) => sent.findIndex((row) => row.id === id);
  return {
    stepOf: (id: string) => {
      const at = placeOf(id);
      const step = preview?.trace[at];
      return step?.target === sent[at]?.field.target ? step : undefined;
    },
    problemOf: (id: string) => {
      const at = placeOf(id);
      const field = sent[at]?.field;
      if (field === undefined) return undefined;
      const place = `mapping.fields[${at}]`;
      if (isProblem(refused) && refused.path?.startsWith(place)) {
        return { text: refused.detail, isError: true };
      }
      const isOf = (remark: Schemas["Remark"]) => remark.params.field === field.target;
      const problem = preview?.problems.find(isOf);
      const warning = preview?.warnings.find(isOf);
      const found = problem ?? warning;
      return found && { text: found.message, isError: problem !== undefined };
    },
  };
}

/** Brings the field of a link into sight. */
function useFocus(target: string | undefined, draft: MappingControl["draft"]) {
  const id = draft.fields.find((row) => row.field.target === target)?.id;
  useEffect(() => {
    if (id === undefined) return;
    document.getElementById(`field-${id}`)?.scrollIntoView({ block: "center" });
    document.querySelector<HTMLElement>(`#field-${id} input`)?.focus();
  }, [id]);
}
