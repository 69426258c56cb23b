import type { Run } from "../../api/history.ts";
import { useWords } from "../../words/index.ts";
import { Entity } from "../mapping/Entity.tsx";

/** The fields that a run would have written into a contact and a deal. */
export function PreviewedFields({ preview }: { preview: NonNullable<Run["preview"]> }) {
  const { result } = useWords().mapping;
  return (
    <>
      <Entity title={result.contact} entity="contact" values={preview.contact} />
      {preview.deal_action !== null && (
        <Entity title={result.deal} entity="deal" values={preview.deal} />
      )}
    </>
  );
}
