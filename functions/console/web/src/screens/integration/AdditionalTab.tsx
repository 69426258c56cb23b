import { AdditionalFields, additionalOf, additionalPatch } from "./AdditionalFields.tsx";
import { Saving } from "./Saving.tsx";
import type { Integration } from "./useChange.ts";
import { useSettings } from "./useSettings.ts";

/** The tag, stage and status of the deals that come in (S3.9). */
export function AdditionalTab({ integration }: { integration: Integration }) {
  const form = useSettings(integration, additionalOf, additionalPatch);
  return (
    <Saving {...form} onSave={() => form.save()}>
      <AdditionalFields
        origin={integration.origin}
        values={form.values}
        onChange={form.set}
        problem={form.problem}
      />
    </Saving>
  );
}
