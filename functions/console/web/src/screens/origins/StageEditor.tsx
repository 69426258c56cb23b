import { type KeyboardEvent, useRef, useState } from "react";
import { Button, IconButton } from "../../ui/Button.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Origins.module.css";
import { draftOf, moved, type StageDraft } from "./stages.ts";

const MOST = 50;

interface Props {
  stages: readonly StageDraft[];
  onChange: (stages: StageDraft[]) => void;
  error?: string | undefined;
  readOnly?: boolean;
}

/** The stages of an origin in their order: names, order by buttons or Alt with the arrows, add, remove. */
export function StageEditor({ stages, onChange, error, readOnly = false }: Props) {
  const w = useWords().home.origins;
  const list = useRef<HTMLOListElement>(null);
  const [said, say] = useState("");
  const move = (at: number, by: number) => {
    const next = moved(stages, at, by);
    const name = stages[at]?.name ?? "";
    say(w.movedTo(name, next.findIndex((stage) => stage.key === stages[at]?.key) + 1));
    onChange(next);
  };
  const rename = (at: number, name: string) =>
    onChange(stages.map((stage, index) => (index === at ? { ...stage, name } : stage)));
  const keys = (at: number) => (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    move(at, event.key === "ArrowUp" ? -1 : 1);
  };
  const focus = (at: number) =>
    requestAnimationFrame(() => list.current?.querySelectorAll("input")[at]?.focus());
  const add = () => {
    onChange([...stages, draftOf("")]);
    focus(stages.length);
  };
  /** The button that was pressed goes with its row: the focus goes to the row that takes its place. */
  const remove = (at: number) => {
    onChange(stages.filter((_, index) => index !== at));
    focus(Math.min(at, stages.length - 2));
  };
  return (
    <div className={styles.stages}>
      <ol ref={list}>
        {stages.map((stage, at) => (
          // The keys of the whole row move it; the field inside keeps the focus.
          <li key={stage.key} className={styles.stage} onKeyDown={readOnly ? undefined : keys(at)}>
            <TextInput
              label={w.stageName(at + 1)}
              name={`stages[${at}]`}
              value={stage.name}
              onChange={(name) => rename(at, name)}
              required
              readOnly={readOnly}
              maxLength={100}
            />
            {!readOnly && (
              <span className={styles.tools}>
                <IconButton icon="up" label={w.up(stage.name)} onPress={() => move(at, -1)} />
                <IconButton icon="down" label={w.down(stage.name)} onPress={() => move(at, 1)} />
                {stages.length > 1 && (
                  <IconButton
                    icon="trash"
                    label={w.removeStage(stage.name)}
                    onPress={() => remove(at)}
                  />
                )}
              </span>
            )}
          </li>
        ))}
      </ol>
      <output className="visually-hidden">{said}</output>
      {error && <p className={styles.error}>{error}</p>}
      {!readOnly && (
        <p className={styles.line}>
          <Button
            icon="plus"
            onPress={add}
            reason={stages.length >= MOST ? w.stagesOf(stages.length) : undefined}
          >
            {w.addStage}
          </Button>
          <span className={styles.muted}>{w.moveHint}</span>
        </p>
      )}
    </div>
  );
}
