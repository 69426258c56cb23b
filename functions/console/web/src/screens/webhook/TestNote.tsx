import type { WebhookDetail } from "../../api/history.ts";
import { Banner } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";

/** A test says that it is one, and whether it touched contacts and deals. */
export function TestNote({ webhook }: { webhook: WebhookDetail }) {
  const { test } = useWords().history;
  const isApplied = webhook.contact !== null || webhook.deal !== null;
  return (
    <Banner tone="plain">
      {test.sent}
      {webhook.status !== "pending" && ` ${isApplied ? test.applied : test.untouched}`}
    </Banner>
  );
}
