import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { Page } from "../../shell/Page.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useWords } from "../../words/index.ts";
import { draftOf, EMPTY } from "./draft.ts";
import { RuleEditor } from "./RuleEditor.tsx";

/** C-23: a rule that exists. */
export function Rule() {
  const { rule: id = "" } = useParams({ strict: false });
  const { rules: w } = useWords();
  const client = useClient();
  const ws = useWorkspace().id;
  const rule = useQuery({
    queryKey: [client.workspace, "rule", id],
    queryFn: ({ signal }) => client.get("/v1/rules/{rule}", { path: { rule: id }, signal }),
    // A rule that is being edited is not taken from under the reader's hands.
    refetchOnWindowFocus: false,
  });
  if (rule.error && !rule.data) {
    return (
      <Page title={w.title}>
        <Problem error={rule.error} onRetry={() => void rule.refetch()} />
      </Page>
    );
  }
  if (!rule.data) {
    return (
      <Page title={w.title}>
        <Skeleton lines={10} />
      </Page>
    );
  }
  return (
    <Page
      title={rule.data.name}
      description={w.edits}
      above={[{ label: w.title, href: paths.rules(ws) }]}
    >
      <RuleEditor key={rule.data.version} saved={rule.data} first={draftOf(rule.data)} />
    </Page>
  );
}

/** C-23: a new rule. */
export function NewRule() {
  const { rules: w } = useWords();
  const ws = useWorkspace().id;
  return (
    <Page title={w.create} above={[{ label: w.title, href: paths.rules(ws) }]}>
      <RuleEditor saved={undefined} first={EMPTY} />
    </Page>
  );
}
