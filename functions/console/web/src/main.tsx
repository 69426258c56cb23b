import "./ui/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { followRepeats } from "./api/connection.ts";
import { session } from "./api/context.tsx";
import { followTyping } from "./lib/loadPart.ts";
import { preferences } from "./lib/preferences.ts";
import { router } from "./routes.tsx";
import { App } from "./shell/App.tsx";
import { applyAppearance } from "./shell/appearance.ts";
import { takeLink } from "./shell/link.ts";
import { loadWords } from "./words/index.ts";

// The code of the local link leaves the address before anything can read or keep it.
const link = takeLink();

followRepeats();
followTyping();
applyAppearance(preferences.get());
preferences.subscribe(() => applyAppearance(preferences.get()));

const root = document.getElementById("root");
if (root) {
  // The screen's file is loaded beside the words and the session. It may come later than both.
  void router.reload();
  const asked = link === null ? session.load() : session.enterByLink(link);
  // The first request of the screen does not wait for its token once the screen's file is there.
  const { ws } = router.shown.get().match.params;
  void asked.then(() => session.warm(ws ?? ""));
  await Promise.all([loadWords(preferences.get().language), asked]);
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
