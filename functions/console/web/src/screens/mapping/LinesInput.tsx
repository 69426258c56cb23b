import { useState } from "react";
import { TextInput } from "../../ui/Field.tsx";

/** Lines that are read as something else when the field is left, so that what is typed stays meanwhile. */
export function LinesInput(props: {
  label: string;
  value: string;
  onChange: (lines: string) => void;
}) {
  const [typed, setTyped] = useState(props.value);
  return (
    <TextInput
      required
      code
      lines={3}
      label={props.label}
      name="values"
      value={typed}
      onChange={setTyped}
      onBlur={() => props.onChange(typed)}
    />
  );
}
