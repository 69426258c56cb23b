import { type KeyboardEvent, useRef } from "react";
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
  const move = (at: number, by: number) => onChange(moved(stages, at, by));
  const rename = (at: number, name: string) =>
    onChange(stages.map((stage, index) => (index === at ? { ...stage, name } : stage)));
  const keys = (at: number) => (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    move(at, event.key === "ArrowUp" ? -1 : 1);
  };
  const add = () => {
    onChange([...stages, draftOf("")]);
    requestAnimationFrame(() => {
      list.current?.querySelector<HTMLInputElement>("li:last-child input")?.focus();
    });
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
                    onPress={() => onChange(stages.filter((_, index) => index !== at))}
                  />
                )}
              </span>
            )}
          </li>
        ))}
      </ol>
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
