import { useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Integrations.module.css";

/** Asks for the direction of a new integration (S3.1). */
export function ChooseDirection(props: { origin: string | undefined; onClose: () => void }) {
  const { integrations: words } = useWords();
  const ws = useWorkspace().id;
  return (
    <Dialog title={words.choose.title} dismissable onClose={props.onClose}>
      <ul className={styles.directions}>
        <li>
          <Link
            plain
            href={paths.newIntegration(ws, { origin: props.origin })}
            className={styles.direction ?? ""}
          >
            <Icon name="download" size={22} />
            <span>
              <strong>{words.choose.receive}</strong>
              {words.choose.receiveAbout}
            </span>
          </Link>
        </li>
        <li>
          <Link plain href={paths.newRule(ws)} className={styles.direction ?? ""}>
            <Icon name="send" size={22} />
            <span>
              <strong>{words.choose.send}</strong>
              {words.choose.sendAbout}
            </span>
          </Link>
        </li>
      </ul>
    </Dialog>
  );
}
