import { useQuery } from "@tanstack/react-query";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { paths } from "../../lib/paths.ts";
import { useParams } from "../../lib/router/hooks.ts";
import { NotFound } from "../../shell/NotFound.tsx";
import { Page } from "../../shell/Page.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useWords } from "../../words/index.ts";
import { useHeld } from "../changes/useHeld.ts";
import { draftOf, EMPTY, type RuleValue } from "./draft.ts";
import { RuleEditor } from "./RuleEditor.tsx";

/** C-23: a rule that exists. */
export function Rule() {
  const { rule: id = "" } = useParams();
  const { rules: w } = useWords();
  const client = useClient();
  const ws = useWorkspace().id;
  const rule = useQuery({
    queryKey: [client.workspace, "rule", id],
    queryFn: ({ signal }) => client.get("/v1/rules/{rule}", { path: { rule: id }, signal }),
  });
  const above = { label: w.title, href: paths.rules(ws) };
  if (isProblem(rule.error) && rule.error.status === 404) return <NotFound list={above} />;
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
    <Page title={rule.data.name} description={w.edits} above={[above]}>
      <Editing key={rule.data.id} rule={rule.data} />
    </Page>
  );
}

function Editing({ rule }: { rule: RuleValue }) {
  const { base, hold } = useHeld(rule);
  return <RuleEditor key={base.version} saved={base} first={draftOf(base)} hold={hold} />;
}

function nothingToHold() {}

/** C-23: a new rule. */
export function NewRule() {
  const { rules: w } = useWords();
  const ws = useWorkspace().id;
  return (
    <Page title={w.create} above={[{ label: w.title, href: paths.rules(ws) }]}>
      <RuleEditor saved={undefined} first={EMPTY} hold={nothingToHold} />
    </Page>
  );
}
