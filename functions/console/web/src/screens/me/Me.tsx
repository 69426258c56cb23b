import { useSession } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { changePreferences, usePreferences } from "../../lib/preferences.ts";
import { zoneName } from "../../lib/time.ts";
import { Page } from "../../shell/Page.tsx";
import { signOut } from "../../shell/signOut.ts";
import { Activity } from "../../ui/Activity.tsx";
import { Button } from "../../ui/Button.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import { browserZone, useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { Access } from "./Access.tsx";
import { Choice } from "./Choice.tsx";
import styles from "./Me.module.css";
import { Toggle } from "./Toggle.tsx";

/** C-40: how the console looks and acts in this browser. */
export function Me() {
  const w = useWords();
  const u = w.common.user;
  const m = w.settings.me;
  const chosen = usePreferences();
  const language = useLanguage();
  const state = useSession();
  if (state.is !== "in" && state.is !== "ended") return null;
  const { session } = state;
  const who = session.person?.email ?? u.key(session.key?.name ?? "");
  const workspace =
    session.workspaces.find((one) => one.id === chosen.lastWorkspace) ?? session.workspaces[0];
  const zoneOf = workspace ? zoneName(workspace.time_zone, language) : w.common.none;
  return (
    <main className={styles.main}>
      <Link href={paths.start}>{w.common.problem.toHome}</Link>
      <Page
        title={m.title}
        description={m.description}
        actions={<Button onPress={() => void signOut()}>{u.signOut}</Button>}
      >
        <section className={styles.panel} aria-labelledby="me-appearance">
          <h2 id="me-appearance">{m.appearance}</h2>
          <Choice
            label={u.language}
            value={chosen.language}
            options={{ pt: "Português", en: "English" }}
            onChange={(value) => changePreferences({ language: value })}
          />
          <Choice
            label={u.theme}
            value={chosen.theme}
            options={{ light: u.light, dark: u.dark, system: u.system }}
            onChange={(theme) => changePreferences({ theme })}
          />
          <Choice
            label={m.density}
            value={chosen.density}
            options={{ normal: m.normal, compact: m.compact }}
            onChange={(density) => changePreferences({ density })}
          />
        </section>
        <section className={styles.panel} aria-labelledby="me-times">
          <h2 id="me-times">{m.times}</h2>
          <Choice
            label={u.zone}
            value={chosen.zone}
            options={{
              workspace: u.zoneWorkspace(zoneOf),
              browser: u.zoneBrowser(zoneName(browserZone(), language)),
              utc: u.zoneUtc,
            }}
            onChange={(zone) => changePreferences({ zone })}
          />
          <Toggle
            label={m.relative}
            value={chosen.relative}
            onChange={(relative) => changePreferences({ relative })}
          />
        </section>
        <section className={styles.panel} aria-labelledby="me-keyboard">
          <h2 id="me-keyboard">{m.keyboard}</h2>
          <Toggle
            label={m.shortcuts}
            hint={m.shortcutsHint}
            value={chosen.shortcuts}
            onChange={(shortcuts) => changePreferences({ shortcuts })}
          />
        </section>
        <section className={styles.panel} aria-labelledby="me-access">
          <h2 id="me-access">{m.access}</h2>
          <p className={styles.muted}>
            {m.signedInAs} <Foreign text={who} />
          </p>
          <Access workspaces={session.workspaces} />
        </section>
        <section className={styles.panel} aria-labelledby="me-activity">
          <h2 id="me-activity">{w.parts.toast.activity}</h2>
          <Activity />
        </section>
      </Page>
    </main>
  );
}
