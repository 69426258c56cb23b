import { useEffect, useRef } from "react";
import { useApplications } from "../../api/configuration.ts";
import { useMay, useWorkspace } from "../../api/context.tsx";
import { useAddress, type Step as Way } from "../../lib/address.ts";
import { paths } from "../../lib/paths.ts";
import { Page } from "../../shell/Page.tsx";
import { Banner, Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useWords } from "../../words/index.ts";
import { useIntegration } from "../integration/useChange.ts";
import { AdditionalStep } from "./AdditionalStep.tsx";
import { ApplicationStep } from "./ApplicationStep.tsx";
import { DoneStep } from "./DoneStep.tsx";
import { MappingStep } from "./MappingStep.tsx";
import { OriginStep } from "./OriginStep.tsx";
import { SampleStep } from "./SampleStep.tsx";
import { Steps } from "./Steps.tsx";
import { STEPS, type Step, type WizardSearch, wizardSearch } from "./search.ts";
import { VerificationStep } from "./VerificationStep.tsx";
import styles from "./Wizard.module.css";

/** The ways of a step: on, and back. */
export interface StepProps {
  search: WizardSearch;
  change: (part: Partial<WizardSearch>) => void;
  go: (step: Step, part?: Partial<WizardSearch>, way?: Way) => void;
}

/** C-16: from nothing to a processed webhook. What exists stays; the address holds the place. */
export function Wizard() {
  const { common, integrations: words } = useWords();
  const [search, change] = useAddress(wizardSearch);
  const ws = useWorkspace().id;
  const isAdmin = useMay("admin");
  const go: StepProps["go"] = (step, part = {}, way = "push") => change({ ...part, step }, way);
  const content = useTitleFocus(search.step);
  return (
    <Page title={words.wizard.title} above={[{ label: words.title, href: paths.integrations(ws) }]}>
      {isAdmin ? (
        <div className={styles.wizard} data-wide={search.step === "mapping"}>
          <Steps search={search} go={go} />
          <div ref={content} className={styles.content}>
            <Content search={search} change={change} go={go} />
          </div>
        </div>
      ) : (
        <Banner tone="plain">{common.needs.admin}</Banner>
      )}
    </Page>
  );
}

/** The button that led to a step is gone from the page: the focus goes to the step's title. */
function useTitleFocus(step: Step) {
  const content = useRef<HTMLDivElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current === step) return;
    shown.current = step;
    content.current?.querySelector("h2")?.focus();
  }, [step]);
  return content;
}

function Content(props: StepProps) {
  const { search } = props;
  if (search.step === "application") return <ApplicationStep {...props} />;
  if (search.integration === undefined) return <OriginStep {...props} />;
  return <Made {...props} id={search.integration} />;
}

/** The steps of an integration that exists. */
function Made(props: StepProps & { id: string }) {
  const integration = useIntegration(props.id);
  const applications = useApplications();
  if (integration.error && !integration.data) {
    return <Problem error={integration.error} onRetry={() => void integration.refetch()} />;
  }
  if (!integration.data || !applications.data) return <Skeleton lines={8} />;
  const made = { ...props, integration: integration.data };
  switch (props.search.step) {
    case "origin":
      return <OriginStep {...made} />;
    case "verification":
      return <VerificationStep {...made} />;
    case "sample":
      return <SampleStep {...made} />;
    case "mapping":
      return <MappingStep {...made} />;
    case "additional":
      return <AdditionalStep {...made} />;
    default:
      return <DoneStep {...made} />;
  }
}

/** The step after one, and the one before. */
export function beside(step: Step, by: 1 | -1): Step {
  return STEPS[STEPS.indexOf(step) + by] ?? step;
}
