import { type ReactNode, type RefObject, useRef, useState } from "react";

/** The state of an open menu, for the popover that shows it. */
export interface OpenMenu {
  trigger: RefObject<HTMLButtonElement | null>;
  onClose: () => void;
}

interface Props {
  label: string;
  className: string | undefined;
  children: ReactNode;
  /** The menu, of a file that is loaded when it is first opened. */
  menu: (open: OpenMenu) => ReactNode;
}

/** A button of the bars that opens a menu. */
export function MenuButton({ label, className, children, menu }: Props) {
  const trigger = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        ref={trigger}
        className={className}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(true)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {children}
      </button>
      {isOpen && menu({ trigger, onClose: () => setOpen(false) })}
    </>
  );
}
