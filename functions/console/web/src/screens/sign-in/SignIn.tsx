import { useEffect } from "react";
import { useSession } from "../../api/context.tsx";
import { useAddress } from "../../lib/address.ts";
import { safeNext } from "../../lib/paths.ts";
import { changePreferences, type Language, usePreferences } from "../../lib/preferences.ts";
import { useRouter } from "../../lib/router/hooks.ts";
import { useCrumbs } from "../../shell/page.ts";
import { NativeButton } from "../../ui/NativeButton.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./SignIn.module.css";
import { SignInForm } from "./SignInForm.tsx";
import { signInSearch } from "./search.ts";

const LANGUAGES: readonly (readonly [Language, string])[] = [
  ["pt", "Português"],
  ["en", "English"],
];

export function SignIn() {
  const w = useWords().common;
  const state = useSession();
  const router = useRouter();
  const [{ next }] = useAddress(signInSearch);
  const { language } = usePreferences();
  useCrumbs([{ label: w.signIn.title }], w.product);
  const goal = state.is === "in" ? safeNext(next) : null;
  useEffect(() => {
    if (goal !== null) void router.navigate({ href: goal, replace: true });
  }, [goal, router]);
  const signIn = state.is === "out" ? state.signIn : null;
  const refused = state.is === "out" && state.linkRefused === true;
  return (
    <main className={styles.page}>
      <section className={styles.card}>
        <p className={styles.brand}>{w.product}</p>
        <h1>{w.signIn.title}</h1>
        {refused && (
          <p className={styles.error} role="alert">
            {w.signIn.linkInvalid}
          </p>
        )}
        {signIn && <SignInForm signIn={signIn} next={safeNext(next)} />}
      </section>
      <fieldset className={styles.languages}>
        <legend className="visually-hidden">{w.user.language}</legend>
        {LANGUAGES.map(([code, name]) => (
          <NativeButton
            key={code}
            kind="quiet"
            small
            pressed={code === language}
            onPress={() => changePreferences({ language: code })}
          >
            <span lang={code}>{name}</span>
          </NativeButton>
        ))}
      </fieldset>
    </main>
  );
}
