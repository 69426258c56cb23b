import { useSession, useWorkspace } from "../api/context.tsx";
import { plainText } from "../lib/foreign.ts";
import { Icon } from "../ui/Icon.tsx";
import { useWords } from "../words/index.ts";
import { lazyOverlay } from "./lazyOverlay.tsx";
import { MenuButton } from "./MenuButton.tsx";
import styles from "./WorkspaceMenu.module.css";

const WorkspaceMenuList = lazyOverlay(
  async () => (await import("./WorkspaceMenuList.tsx")).WorkspaceMenuList,
);

/** The name of the workspace; with more than one, a menu that leads to the others. */
export function WorkspaceMenu({ name, folded }: { name: string; folded: boolean }) {
  const w = useWords().common;
  const here = useWorkspace();
  const state = useSession();
  const all = state.is === "in" || state.is === "ended" ? state.session.workspaces : [here];
  const face = (
    <>
      <span className={styles.mark} aria-hidden="true">
        {[...name][0]?.toUpperCase()}
      </span>
      {!folded && (
        <span className={styles.text}>
          <bdi className={styles.name}>{plainText(name)}</bdi>
          <span className={styles.role}>{w.roles[here.role]}</span>
        </span>
      )}
    </>
  );
  if (all.length < 2) return <div className={styles.face}>{face}</div>;
  return (
    <MenuButton
      className={styles.face}
      label={`${w.nav.workspace}: ${plainText(name)}`}
      menu={(open) => <WorkspaceMenuList {...open} here={here.id} all={all} />}
    >
      {face}
      {!folded && <Icon name="down" />}
    </MenuButton>
  );
}
