import { useState } from "react";
import { Button, Input, SearchField } from "react-aria-components";
import { type Schemas, useApplications } from "../../api/configuration.ts";
import { AppIcon } from "../../ui/AppIcon.tsx";
import { cx } from "../../ui/cx.ts";
import { Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useWords } from "../../words/index.ts";
import { Footer } from "./Footer.tsx";
import { Title } from "./Title.tsx";
import styles from "./Wizard.module.css";
import type { StepProps } from "./Wizard.tsx";

type Application = Schemas["Application"];

const GENERIC = "webhook";

/** Natives first, by name; the plain webhook last. */
function sorted(applications: readonly Application[]): Application[] {
  const rank = (one: Application) => (one.key === GENERIC ? 1 : 0);
  return applications.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

export function ApplicationStep({ search, change, go }: StepProps) {
  const { integrations } = useWords();
  const words = integrations.wizard;
  const applications = useApplications();
  const [query, setQuery] = useState("");
  if (applications.error) {
    return <Problem error={applications.error} onRetry={() => void applications.refetch()} />;
  }
  if (!applications.data) return <Skeleton lines={6} />;
  const wanted = query.trim().toLocaleLowerCase();
  const isWanted = (one: Application) => one.name.toLocaleLowerCase().includes(wanted);
  const shown = sorted(applications.data).filter((one) => one.key === GENERIC || isWanted(one));
  const chosen = applications.data.find((one) => one.key === search.application);
  return (
    <>
      <Title>{words.applicationTitle}</Title>
      <SearchField
        aria-label={words.searchApplication}
        value={query}
        onChange={setQuery}
        className={cx(styles.search)}
      >
        <Input placeholder={words.searchApplication} className={cx(styles.searchInput)} />
      </SearchField>
      {!shown.some(isWanted) && <p className={styles.hint}>{words.noApplication(query.trim())}</p>}
      <ul className={styles.applications}>
        {shown.map((one) => (
          <li key={one.key}>
            <Button
              className={cx(styles.application, one.key === search.application && styles.chosen)}
              aria-pressed={one.key === search.application}
              onPress={() => change({ application: one.key })}
            >
              <AppIcon path={one.icon} size={32} />
              <span className={styles.applicationText}>
                <strong>{one.name}</strong>
                <span className={styles.hint}>
                  {one.key === GENERIC ? words.generic : marks(one, words)}
                </span>
              </span>
            </Button>
          </li>
        ))}
      </ul>
      {chosen && <p className={styles.note}>{chosen.note}</p>}
      <Footer
        onNext={() => go("origin")}
        nextReason={chosen ? undefined : words.applicationTitle}
      />
    </>
  );
}

function marks(one: Application, words: { ready: string; signed: string }): string {
  const ready = (one.mapping.fields ?? []).length > 0;
  return [ready && words.ready, one.verification.length > 0 && words.signed]
    .filter(Boolean)
    .join(" · ");
}
