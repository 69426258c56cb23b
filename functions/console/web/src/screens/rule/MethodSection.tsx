import { Banner } from "../../ui/Problem.tsx";
import { Radios } from "../../ui/Radios.tsx";
import { useWords } from "../../words/index.ts";
import type { SectionProps } from "./RuleEditor.tsx";
import { Section } from "./Section.tsx";

const METHODS = ["POST", "PUT", "PATCH", "GET"] as const;

/** The method of the request; `GET` shows the data in URLs (S3.12). */
export function MethodSection({ draft, set, error }: SectionProps) {
  const { rules } = useWords();
  const w = rules.methods;
  return (
    <Section number={4} title={w.title}>
      <Radios
        row
        titled
        label={w.title}
        name="method"
        value={draft.method}
        onChange={(method) => set({ method })}
        options={METHODS.map((id) => ({ id, label: id }))}
        error={error("method")}
      />
      {draft.method === "GET" && <Banner tone="wait">{w.warning}</Banner>}
    </Section>
  );
}
