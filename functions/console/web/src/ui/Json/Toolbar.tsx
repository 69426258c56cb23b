import { type ReactNode, useState } from "react";
import { Input, SearchField, ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { useWords } from "../../words/index.ts";
import { IconButton } from "../Button.tsx";
import styles from "./Json.module.css";
import type { Found } from "./useSearch.ts";

export type View = "tree" | "text" | "hex";

function isView(key: unknown): key is View {
  return key === "tree" || key === "text" || key === "hex";
}

/** The views that there are, and the search of the one that is shown. */
export function Toolbar(props: {
  views: readonly View[];
  view: View;
  onView: (view: View) => void;
  search: ((query: string, step: 1 | -1) => void) | undefined;
  found: Found | undefined;
  said: string;
  children?: ReactNode;
}) {
  const { json: words } = useWords();
  return (
    <div className={styles.toolbar}>
      {props.views.length > 1 && (
        <ToggleButtonGroup
          aria-label={words.view}
          className={styles.views ?? ""}
          selectedKeys={[props.view]}
          disallowEmptySelection
          onSelectionChange={([view]) => isView(view) && props.onView(view)}
        >
          {props.views.map((view) => (
            <ToggleButton key={view} id={view} className={styles.viewButton ?? ""}>
              {words.views[view]}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      )}
      {props.search && <Search search={props.search} found={props.found} />}
      {props.children}
      <span role="status" className={styles.said}>
        {props.said}
      </span>
    </div>
  );
}

function Search(props: {
  search: (query: string, step: 1 | -1) => void;
  found: Found | undefined;
}) {
  const { json: words } = useWords();
  const [query, setQuery] = useState("");
  const { found } = props;
  const isOf = found !== undefined && found.query === query;
  const many = isOf ? found.at.length : 0;
  return (
    <>
      <SearchField
        aria-label={words.search}
        className={styles.search ?? ""}
        value={query}
        onChange={setQuery}
        onSubmit={() => props.search(query, 1)}
        onClear={() => props.search("", 1)}
      >
        <Input
          className={styles.searchInput ?? ""}
          placeholder={words.search}
          title={words.searchHint}
          spellCheck="false"
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !event.shiftKey) return;
            event.preventDefault();
            props.search(query, -1);
          }}
        />
      </SearchField>
      <output className={styles.count}>
        {isOf && words.matches(many === 0 ? 0 : found.current + 1, many, found.more)}
      </output>
      {many > 1 && (
        <span className={styles.steps}>
          <IconButton
            small
            icon="up"
            label={words.previous}
            onPress={() => props.search(query, -1)}
          />
          <IconButton small icon="down" label={words.next} onPress={() => props.search(query, 1)} />
        </span>
      )}
    </>
  );
}
