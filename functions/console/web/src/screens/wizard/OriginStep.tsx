import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Schemas, useApplications, useOrigins } from "../../api/configuration.ts";
import { useClient, useIdempotencyKey } from "../../api/context.tsx";
import { ApiProblem, isProblem } from "../../api/problem.ts";
import { TextInput } from "../../ui/Field.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { Select } from "../../ui/Select.tsx";
import { useWords } from "../../words/index.ts";
import { ActionRadios } from "../integration/AdditionalFields.tsx";
import { type Integration, integrationQuery } from "../integration/useChange.ts";
import { Footer } from "./Footer.tsx";
import { Title } from "./Title.tsx";
import styles from "./Wizard.module.css";
import { beside, type StepProps } from "./Wizard.tsx";

const NEW = "new";

interface Values {
  origin: string;
  originName: string;
  stages: string;
  name: string;
  action: Schemas["Action"];
}

/** The origin, the name, the action. Here the integration is made, inactive, so that its URL exists (S3.8). */
export function OriginStep(props: StepProps & { integration?: Integration }) {
  const { search, go } = props;
  const { integrations } = useWords();
  const words = integrations.wizard;
  const origins = useOrigins();
  const application = useApplications().data?.find((one) => one.key === search.application);
  const problem = useFormProblem();
  const [typed, setTyped] = useState<Partial<Values>>({});
  const first = search.origin ?? origins.data?.[0]?.id ?? NEW;
  const values: Values = {
    origin: first,
    originName: "",
    stages: words.firstStages,
    name: application?.name ?? "",
    action: application?.action ?? "create_or_update_deal",
    ...typed,
  };
  const set = (part: Partial<Values>) => setTyped({ ...typed, ...part });
  const make = useMake(search.application ?? "webhook");
  const made = props.integration;
  // The step of an integration that exists is over; the settings are changed at its own screen.
  useEffect(() => {
    if (made !== undefined) go("verification", {}, "replace");
  }, [made, go]);
  return (
    <Form
      problem={problem}
      onSubmit={() =>
        make.mutate(values, {
          onSuccess: (integration) =>
            // Going back must not lead to the form that would make a second one.
            go(
              "verification",
              { integration: integration.id, origin: integration.origin },
              "replace",
            ),
          onError: problem.set,
        })
      }
    >
      <Title>{words.originTitle}</Title>
      <Select
        required
        label={words.origin}
        hint={words.originHint}
        name="origin"
        value={values.origin}
        options={[
          ...(origins.data ?? []).map(({ id, name }) => ({ id, label: name })),
          { id: NEW, label: words.newOrigin },
        ]}
        onChange={(origin) => set({ origin })}
        error={problem.of("origin")}
      />
      {values.origin === NEW && (
        <>
          <TextInput
            required
            label={words.originName}
            name="originName"
            maxLength={100}
            value={values.originName}
            onChange={(originName) => set({ originName })}
            error={problem.of("originName")}
          />
          <TextInput
            required
            lines={4}
            label={words.stages}
            name="stages"
            value={values.stages}
            onChange={(stages) => set({ stages })}
            error={problem.of("stages")}
          />
        </>
      )}
      <TextInput
        required
        label={words.integrationName}
        name="name"
        maxLength={100}
        value={values.name}
        onChange={(name) => set({ name })}
        error={problem.of("name")}
      />
      <ActionRadios value={values.action} onChange={(action) => set({ action })} />
      <p className={styles.hint}>{words.createHint}</p>
      <Footer onBack={() => go(beside("origin", -1))} busy={make.isPending} />
    </Form>
  );
}

/** Both requests have a `name`: a refusal of the origin's is said at the origin's field. */
function nameOfOrigin(error: unknown): never {
  if (isProblem(error) && error.path === "name") {
    throw new ApiProblem({ ...error, path: "originName" });
  }
  throw error;
}

/** Makes the origin where a new one is wanted, then the integration. Both keys keep a repeated press one. */
function useMake(application: string) {
  const client = useClient();
  const cache = useQueryClient();
  const forOrigin = useIdempotencyKey();
  const forIntegration = useIdempotencyKey();
  return useMutation({
    mutationFn: async (values: Values) => {
      let { origin } = values;
      if (origin === NEW) {
        const stages = values.stages.split("\n").map((name) => name.trim());
        const made = await client
          .post("/v1/origins", {
            idempotencyKey: forOrigin.key,
            body: { name: values.originName.trim(), stages: stages.filter((name) => name !== "") },
          })
          .catch(nameOfOrigin);
        origin = made.id;
        await cache.invalidateQueries({ queryKey: [client.workspace, "origins"] });
      }
      return client.post("/v1/integrations", {
        idempotencyKey: forIntegration.key,
        body: {
          origin,
          application,
          name: values.name.trim(),
          action: values.action,
          active: false,
        },
      });
    },
    onSuccess: (made) => {
      cache.setQueryData(integrationQuery(client, made.id).queryKey, made);
      void cache.invalidateQueries({ queryKey: [client.workspace, "integrations"] });
    },
    onError: () => {
      // What was refused is sent changed: another key, so that it is not taken for the same request.
      forOrigin.renew();
      forIntegration.renew();
    },
  });
}
