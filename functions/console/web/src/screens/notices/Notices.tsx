import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useWorkspaceSettings } from "../../api/configuration.ts";
import { useClient, useMay, useWorkspace } from "../../api/context.tsx";
import { type Notice, noticesQuery } from "../../api/deliveries.ts";
import { useAddress } from "../../lib/address.ts";
import { paths } from "../../lib/paths.ts";
import { type Codec, form, matching } from "../../lib/search.ts";
import { dayOf, weekdayText } from "../../lib/time.ts";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import type { IconName } from "../../ui/Icon.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import { Banner, Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { Mark, type Tone } from "../../ui/StatusMark.tsx";
import { Time } from "../../ui/Time.tsx";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { LocalMailbox } from "../settings/LocalMailbox.tsx";
import styles from "./Notices.module.css";
import { readVisit, writeVisit } from "./visit.ts";

const search: Codec<{ endpoint: string | undefined }> = {
  parse: (raw) => ({ endpoint: matching(raw.endpoint, form.endpoint, 1)[0] }),
  write: ({ endpoint }) => ({ endpoint }),
};

const LOOKS: Record<Notice["kind"], { tone: Tone; icon: IconName }> = {
  suspended: { tone: "bad", icon: "pause" },
  warned: { tone: "wait", icon: "warning" },
  gone: { tone: "bad", icon: "ban" },
  recovered: { tone: "ok", icon: "check" },
  expired: { tone: "quiet", icon: "clock" },
};

/** Notices by day of the zone in force, newest first. */
export function byDay(notices: readonly Notice[], zone: string): [string, Notice[]][] {
  return [...Map.groupBy(notices, ({ at }) => dayOf(at, zone))];
}

/** C-29: what Gancho told people. */
export function Notices() {
  const words = useWords();
  const texts = words.endpoints.notices;
  const client = useClient();
  const { id: ws } = useWorkspace();
  const { shown } = useZones();
  const language = useLanguage();
  const may = useMay("admin");
  const [{ endpoint }] = useAddress(search);
  const { data: settings } = useWorkspaceSettings();
  const query = useInfiniteQuery(noticesQuery(client));
  const all = query.data?.pages.flatMap((page) => page.items) ?? [];
  const items = endpoint ? all.filter((notice) => notice.endpoint?.id === endpoint) : all;
  const [visit] = useState(() => readVisit(ws));
  const newest = all[0]?.at;
  useEffect(() => {
    if (newest !== undefined) writeVisit(ws, newest);
  }, [ws, newest]);
  return (
    <Page title={texts.title} description={texts.description}>
      <LocalMailbox />
      {settings?.notice_recipients.length === 0 && (
        <Banner
          tone="wait"
          action={
            may && <ButtonLink href={paths.settings(ws, "recipients")}>{texts.add}</ButtonLink>
          }
        >
          {texts.banner}
        </Banner>
      )}
      {query.isError && all.length === 0 && (
        <Problem error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.isPending && <Skeleton lines={8} />}
      {query.isSuccess && items.length === 0 && (
        <Empty icon="bell" title={texts.empty}>
          {texts.emptyHint}
        </Empty>
      )}
      {byDay(items, shown).map(([day, notices]) => (
        <section key={day} className={styles.day}>
          <h2 className={styles.title}>{weekdayText(notices[0]?.at ?? day, shown, language)}</h2>
          <ol className={styles.list}>
            {notices.map((notice) => (
              <Item
                key={notice.id}
                notice={notice}
                isHeard={(settings?.notice_recipients.length ?? 1) > 0}
                fresh={visit !== null && notice.at > visit}
              />
            ))}
          </ol>
        </section>
      ))}
      {query.hasNextPage && (
        <div>
          <Button busy={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
            {words.common.loadMore}
          </Button>
        </div>
      )}
    </Page>
  );
}

function Item(props: { notice: Notice; isHeard: boolean; fresh: boolean }) {
  const { notice, isHeard, fresh } = props;
  const texts = useWords().endpoints.notices;
  const { id: ws } = useWorkspace();
  const { endpoint, kind } = notice;
  return (
    <li className={styles.notice} data-fresh={fresh || undefined}>
      <div className={styles.head}>
        <Mark {...LOOKS[kind]}>{texts.kinds[kind]}</Mark>
        <strong>
          <Foreign text={notice.title} />
        </strong>
        {fresh && <span className={styles.new}>{texts.new}</span>}
        <span className={styles.end}>
          {/* Sent is what left Gancho; without recipients it reached nobody. */}
          <span>{!isHeard ? texts.nobody : notice.sent ? texts.mailed : texts.queued}</span>
          <Time at={notice.at} />
        </span>
      </div>
      <details>
        <summary>
          <Foreign text={notice.text.split("\n")[0] ?? ""} />
        </summary>
        <div className={styles.text}>
          <Foreign text={notice.text} block />
        </div>
      </details>
      {endpoint && (
        <div className={styles.tools}>
          <ButtonLink href={paths.endpoint(ws, endpoint.id)}>{texts.open}</ButtonLink>
          <ButtonLink href={paths.deliveries(ws, { tab: "error", endpoint: endpoint.id })}>
            {texts.deliveries}
          </ButtonLink>
        </div>
      )}
    </li>
  );
}
