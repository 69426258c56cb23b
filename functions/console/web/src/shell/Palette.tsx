import { useState } from "react";
import {
  Autocomplete,
  Dialog,
  Header,
  Input,
  Menu,
  MenuItem,
  MenuSection,
  Modal,
  ModalOverlay,
  SearchField,
} from "react-aria-components";
import { plainText } from "../lib/foreign.ts";
import { Aria } from "../ui/Aria.tsx";
import { cx } from "../ui/cx.ts";
import { Icon } from "../ui/Icon.tsx";
import { useWords } from "../words/index.ts";
import styles from "./Palette.module.css";
import type { Nav } from "./useNav.ts";
import { usePaletteItems } from "./usePaletteItems.ts";

/** Finds screens and names, goes to pasted ids, runs actions. */
export function Palette(props: { nav: Nav; onClose: () => void }) {
  const { palette: w } = useWords();
  return (
    <Aria>
      <ModalOverlay
        isOpen
        isDismissable
        onOpenChange={(isOpen) => !isOpen && props.onClose()}
        className={cx(styles.overlay)}
      >
        <Modal className={cx(styles.modal)}>
          <Dialog aria-label={w.title} className={cx(styles.dialog)}>
            <Inside {...props} />
          </Dialog>
        </Modal>
      </ModalOverlay>
    </Aria>
  );
}

function Inside(props: { nav: Nav; onClose: () => void }) {
  const { palette: w } = useWords();
  const [typed, setTyped] = useState("");
  const groups = usePaletteItems(typed, props.nav);
  return (
    <Autocomplete inputValue={typed} onInputChange={setTyped}>
      <SearchField aria-label={w.title} autoFocus className={cx(styles.field)}>
        <Icon name="search" />
        <Input placeholder={w.hint} className={cx(styles.input)} maxLength={256} />
      </SearchField>
      <Menu
        aria-label={w.title}
        className={cx(styles.menu)}
        renderEmptyState={() => <p className={styles.nothing}>{w.nothing}</p>}
      >
        {groups.map((group) => (
          <MenuSection key={group.id} id={group.id}>
            <Header className={cx(styles.group)}>{w.groups[group.id]}</Header>
            {group.items.map((item) => (
              <MenuItem
                key={item.id}
                id={item.id}
                textValue={plainText(item.label)}
                className={cx(styles.item)}
                onAction={() => {
                  props.onClose();
                  item.run();
                }}
              >
                <Icon name={item.icon} />
                <bdi>{plainText(item.label)}</bdi>
                {item.about && <span className={styles.about}>{item.about}</span>}
              </MenuItem>
            ))}
          </MenuSection>
        ))}
      </Menu>
    </Autocomplete>
  );
}
