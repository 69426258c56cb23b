import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { useClient, useMay, useWorkspace } from "../../api/context.tsx";
import { useAddress } from "../../lib/address.ts";
import { paths } from "../../lib/paths.ts";
import { entryOf, failed, joined, passes, type Side } from "../../lib/timeline.ts";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { Copy } from "../../ui/Copy.tsx";
import { cx } from "../../ui/cx.ts";
import { Empty } from "../../ui/Empty.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Search } from "../../ui/Search.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useWords } from "../../words/index.ts";
import { SendDialog } from "../deliveries/SendDialog.tsx";
import { statusText } from "../deliveries/words.ts";
import { Days } from "./Days.tsx";
import { type TimelineSearch, timelineSearch } from "./search.ts";
import styles from "./Timeline.module.css";

const SIDES = ["in", "events", "out"] as const satisfies readonly Side[];

/** C-27: one key in both directions, cause joined to effect. */
export function Timeline() {
  const { timeline: w } = useWords();
  const [search, change] = useAddress(timelineSearch);
  const { key } = search;
  return (
    <Page title={w.title} description={w.about}>
      <div className={styles.search}>
        <Search
          label={w.search}
          value={key ?? ""}
          onSearch={(text) => change({ key: text || undefined, show: [], errors: false })}
        />
      </div>
      {key === undefined ? (
        <Empty icon="clock" title={w.empty}>
          {w.emptyText}
        </Empty>
      ) : (
        <Subject key={key} subject={key} search={search} change={change} />
      )}
    </Page>
  );
}

function useSubject(subject: string) {
  const client = useClient();
  return useInfiniteQuery({
    queryKey: [client.workspace, "subject", subject],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      client.get("/v1/subjects", {
        query: {
          key: subject,
          limit: 100,
          ...(pageParam === undefined ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

function Subject(props: {
  subject: string;
  search: TimelineSearch;
  change: (part: Partial<TimelineSearch>) => void;
}) {
  const { subject, search, change } = props;
  const { timeline: w } = useWords();
  const pages = useSubject(subject);
  if (pages.error && !pages.data) {
    return <Problem error={pages.error} onRetry={() => void pages.refetch()} />;
  }
  if (!pages.data) return <Skeleton lines={8} />;
  const entries = pages.data.pages.flatMap((page) =>
    page.items.flatMap((item) => entryOf(item) ?? []),
  );
  if (entries.length === 0) {
    return (
      <Empty icon="search" title={w.none}>
        {w.noneText}
      </Empty>
    );
  }
  const filter = { sides: search.show, onlyErrors: search.errors };
  const shown = entries.filter((entry) => passes(entry, filter));
  const failures = entries.filter(failed).length;
  const status = entries.flatMap((entry) =>
    entry.kind === "event" && entry.event.status ? [entry.event.status] : [],
  )[0];
  return (
    <>
      <SubjectHeader subject={subject} status={status} entries={entries} />
      <div className={styles.filters}>
        <ToggleButtonGroup
          aria-label={w.show}
          selectionMode="multiple"
          className={cx(styles.sides)}
          selectedKeys={search.show}
          onSelectionChange={(chosen) =>
            change({ show: SIDES.filter((side) => chosen.has(side)), errors: false })
          }
        >
          {SIDES.map((side) => (
            <ToggleButton key={side} id={side} className={cx(styles.side)}>
              {w.sides[side]}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
        {failures > 0 && (
          <Button
            small
            icon="warning"
            pressed={search.errors}
            onPress={() => change({ errors: !search.errors, show: [] })}
          >
            {`${w.onlyErrors} (${failures})`}
          </Button>
        )}
      </div>
      {shown.length === 0 ? (
        <Empty
          icon="search"
          title={w.noMatch}
          action={<Button onPress={() => change({ show: [], errors: false })}>{w.all}</Button>}
        />
      ) : (
        <Days caused={joined(shown)} />
      )}
      {pages.hasNextPage && (
        <div>
          <Button busy={pages.isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>
            {w.more}
          </Button>
        </div>
      )}
    </>
  );
}

function SubjectHeader(props: {
  subject: string;
  status: string | undefined;
  entries: readonly ReturnType<typeof entryOf>[];
}) {
  const { subject, status } = props;
  const words = useWords();
  const { common, timeline: w } = words;
  const ws = useWorkspace().id;
  const may = useMay("operator");
  const cache = useQueryClient();
  const [sending, setSending] = useState(false);
  const kind = kindOf(subject, props.entries);
  return (
    <header className={styles.header}>
      <div>
        <p className={styles.kind}>{w.kinds[kind]}</p>
        <h2 className={styles.key}>
          <Foreign text={subject} />
          <Copy text={subject} label={w.copy} />
        </h2>
        {status !== undefined && (
          <p className={styles.kind}>
            {w.status}: <Foreign text={statusText(subject, status, words)} />
          </p>
        )}
      </div>
      <div className={styles.headerButtons}>
        <ButtonLink href={paths.deliveries(ws, { subject })}>{w.deliveries}</ButtonLink>
        <Button
          icon="send"
          onPress={() => setSending(true)}
          reason={may ? undefined : common.needs.operator}
        >
          {w.sendByHand}
        </Button>
      </div>
      {sending && (
        <SendDialog
          subject={subject}
          onClose={() => setSending(false)}
          onSent={() => {
            setSending(false);
            void cache.invalidateQueries({ queryKey: [ws, "subject", subject] });
          }}
        />
      )}
    </header>
  );
}

function kindOf(subject: string, entries: readonly ReturnType<typeof entryOf>[]) {
  if (subject.startsWith("deal_")) return "deal";
  if (subject.startsWith("con_") || subject.includes("@")) return "contact";
  const isOrder = entries.some(
    (entry) =>
      entry?.kind === "event" &&
      entry.event.types.some((type) => /^(?:order|tracking)\./.test(type)),
  );
  return isOrder ? "order" : "other";
}
