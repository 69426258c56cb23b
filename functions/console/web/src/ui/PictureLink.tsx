import type { MouseEvent, ReactNode } from "react";
import { useRouter } from "../lib/router/hooks.ts";

/**
 * A part of a picture that a pointer follows. Readers do not see the picture and the keyboard does not stop at it:
 * the table below it has the same links.
 */
export function PictureLink(props: { href: string; className?: string; children: ReactNode }) {
  const router = useRouter();
  const { href } = props;
  function follow(event: MouseEvent) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    void router.navigate({ href });
  }
  return (
    <a href={href} tabIndex={-1} onClick={follow} className={props.className}>
      {props.children}
    </a>
  );
}
