import type { ComponentProps, MouseEvent } from "react";
import { useRouter } from "../lib/router/hooks.ts";

/** A link to a screen, for the bars and the pages that come before React Aria; screens take `ui/Link`. */
export function Anchor(props: Omit<ComponentProps<"a">, "onClick"> & { href: string }) {
  const router = useRouter();
  const follow = (event: MouseEvent) => {
    // Another tab, another window and a download are the browser's.
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    void router.navigate({ href: props.href });
  };
  return (
    <a {...props} href={props.href} onClick={follow}>
      {props.children}
    </a>
  );
}
