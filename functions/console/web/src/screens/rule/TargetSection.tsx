import { useEndpoints, useIntegrations, useOrigins } from "../../api/configuration.ts";
import { TextInput } from "../../ui/Field.tsx";
import { Radios } from "../../ui/Radios.tsx";
import { Combo } from "../../ui/Select.tsx";
import { useWords } from "../../words/index.ts";
import type { SectionProps } from "./RuleEditor.tsx";
import { Section } from "./Section.tsx";

/** The endpoint, a new one, or an integration of the workspace (D19). */
export function TargetSection({ draft, set, error }: SectionProps) {
  const { rules, parts } = useWords();
  const w = rules.to;
  const endpoints = useEndpoints().data;
  const integrations = useIntegrations().data;
  const origins = useOrigins().data ?? [];
  const originOf = (id: string) => origins.find((one) => one.id === id)?.name;
  return (
    <Section number={3} title={w.title}>
      <Radios
        titled
        label={w.kind}
        name="target"
        value={draft.target}
        onChange={(target) => set({ target })}
        error={draft.target === "integration" ? undefined : error("target")}
        options={[
          { id: "endpoint", label: w.endpoint, about: w.endpointAbout },
          { id: "fresh", label: w.fresh, about: w.freshAbout },
          { id: "integration", label: w.internal, about: w.internalAbout },
        ]}
      />
      {draft.target === "endpoint" && (
        <Combo
          key={endpoints?.length}
          required
          label={w.which}
          name="target.endpoint"
          value={draft.endpoint}
          options={(endpoints ?? []).map(({ id, name, url, state }) => ({
            id,
            label: name,
            about: state === "active" ? url : `${parts.endpoint[state]} · ${url}`,
          }))}
          onChange={(endpoint) => set({ endpoint })}
          error={error("target.endpoint")}
        />
      )}
      {draft.target === "fresh" && (
        <>
          <TextInput
            required
            label={w.endpointName}
            name="endpoint-name"
            maxLength={100}
            value={draft.fresh.name}
            onChange={(name) => set({ fresh: { ...draft.fresh, name } })}
          />
          <TextInput
            required
            code
            type="url"
            label={w.url}
            hint={w.urlHint}
            name="url"
            maxLength={2048}
            value={draft.fresh.url}
            onChange={(url) => set({ fresh: { ...draft.fresh, url } })}
            error={error("url")}
          />
        </>
      )}
      {draft.target === "integration" && (
        <Combo
          key={integrations?.length}
          required
          label={w.whichIntegration}
          name="target.integration"
          value={draft.integration}
          options={(integrations ?? []).map(({ id, name, origin }) => ({
            id,
            label: name,
            about: originOf(origin),
          }))}
          onChange={(integration) => set({ integration, method: "POST" })}
          error={error("target")}
        />
      )}
    </Section>
  );
}
