import {
  useEndpoints,
  useIntegrations,
  useOrigins,
  useRules,
  useWorkspaceSettings,
} from "../../api/configuration.ts";
import { useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { changePreferences, preferences, usePreferences } from "../../lib/preferences.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { useWords } from "../../words/index.ts";
import { Card } from "./Card.tsx";
import styles from "./Home.module.css";

/** The way into a new workspace. Each tick follows the data; the list goes when all is done, or is put away. */
export function FirstSteps() {
  const words = useWords();
  const w = words.home;
  const { id: ws } = useWorkspace();
  const hidden = usePreferences().hiddenSteps.includes(ws);
  const origins = useOrigins().data;
  const integrations = useIntegrations().data;
  const endpoints = useEndpoints().data;
  const rules = useRules().data;
  const settings = useWorkspaceSettings().data;
  if (hidden || !origins || !integrations || !endpoints || !rules || !settings) return null;
  const came = integrations.some((one) => one.activity.last_received_at !== null);
  const steps = [
    { id: "origin", done: origins.length > 0, href: paths.origins(ws) },
    { id: "integration", done: integrations.length > 0, href: paths.newIntegration(ws) },
    { id: "webhook", done: came, href: paths.integrations(ws) },
    { id: "endpoint", done: endpoints.length > 0, href: paths.newEndpoint(ws) },
    { id: "rule", done: rules.length > 0, href: paths.newRule(ws) },
    {
      id: "recipients",
      done: settings.notice_recipients.length > 0,
      href: paths.settings(ws, "recipients"),
    },
  ] as const;
  if (steps.every((step) => step.done)) return null;
  const hide = () => changePreferences({ hiddenSteps: [...preferences.get().hiddenSteps, ws] });
  return (
    <Card
      title={w.firstSteps}
      query={{ data: steps, error: null, refetch: () => {} }}
      action={
        <Button kind="quiet" small onPress={hide}>
          {w.hide}
        </Button>
      }
    >
      {(all) => (
        <ol className={styles.steps}>
          {all.map((step) => (
            <li key={step.id} data-done={step.done}>
              <span className={styles.tick}>{step.done && <Icon name="check" size={12} />}</span>
              {step.done ? (
                <span>
                  {w.steps[step.id]} <span className="visually-hidden">({w.done})</span>
                </span>
              ) : (
                <Link href={step.href}>{w.steps[step.id]}</Link>
              )}
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
