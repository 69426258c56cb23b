import { Button } from "../../ui/Button.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { useWords } from "../../words/index.ts";
import { ADDABLE, type Check } from "./checks.ts";

/** Offers the checks that any sender can be given; the gateway makes their secret. */
export function AddCheck(props: { busy: boolean; onAdd: (check: Check) => void }) {
  const { verification } = useWords().integrations;
  return (
    <Menu
      label={verification.add}
      actions={ADDABLE.map((check) => ({
        id: check.type,
        label: verification.types[check.type],
        onAction: () => props.onAdd(check),
      }))}
    >
      <Button icon="plus" busy={props.busy}>
        {verification.add}
      </Button>
    </Menu>
  );
}
