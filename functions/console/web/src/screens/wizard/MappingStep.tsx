import { useState } from "react";
import { problemText } from "../../lib/problemText.ts";
import { Banner } from "../../ui/Problem.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import { type Integration, useChange } from "../integration/useChange.ts";
import { MappingEditor } from "../mapping/MappingEditor.tsx";
import type { Sample } from "../mapping/sample.ts";
import { useMappingDraft } from "../mapping/useMappingDraft.ts";
import { Footer } from "./Footer.tsx";
import { Title } from "./Title.tsx";
import { beside, type StepProps } from "./Wizard.tsx";

/** The editor of C-17; going on saves what was changed. */
export function MappingStep(props: StepProps & { integration: Integration }) {
  const { integration, search, go } = props;
  const words = useWords();
  const control = useMappingDraft(integration);
  const change = useChange(integration);
  const [other, setOther] = useState<Sample | undefined>(
    search.sample === "pasted" ? { kind: "pasted", text: "" } : undefined,
  );
  const sample: Sample =
    other ??
    (search.webhook === undefined
      ? { kind: "application" }
      : { kind: "webhook", id: search.webhook });
  function choose(chosen: Sample) {
    setOther(chosen.kind === "webhook" ? undefined : chosen);
    props.change({
      webhook: chosen.kind === "webhook" ? chosen.id : undefined,
      sample: chosen.kind === "pasted" ? "pasted" : undefined,
    });
  }
  function next() {
    if (!control.isChanged) return go(beside("mapping", 1));
    change.mutate(
      { mapping: control.mapping },
      {
        onSuccess: (saved) => {
          control.reset(saved);
          say({ text: words.integrations.wizard.mapped, tone: "ok" });
          go(beside("mapping", 1));
        },
      },
    );
  }
  const isEmpty = control.mapping.fields?.length === 0;
  return (
    <>
      <Title>{words.integrations.wizard.mappingTitle}</Title>
      {change.error && (
        <Banner tone="bad" alert>
          {problemText(change.error, words)}
        </Banner>
      )}
      {isEmpty && <Banner tone="wait">{words.integrations.wizard.noMapping}</Banner>}
      <MappingEditor
        integration={integration}
        control={control}
        sample={sample}
        onSample={choose}
        refused={change.error}
      />
      <Footer
        canLeave
        onBack={() => go(beside("mapping", -1))}
        onNext={next}
        busy={change.isPending}
      />
    </>
  );
}
