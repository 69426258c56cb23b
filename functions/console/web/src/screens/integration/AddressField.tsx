import { TextInput } from "../../ui/Field.tsx";
import type { FormProblem } from "../../ui/Form.tsx";
import { useWords } from "../../words/index.ts";

/** The addresses that may send; an empty field lets every address in. */
export function AddressField(props: {
  value: string;
  onChange: (ips: string) => void;
  problem: FormProblem;
}) {
  const words = useWords().integrations.verification;
  return (
    <TextInput
      code
      lines={4}
      label={words.ips}
      hint={words.ipsHint}
      name="allowed_ips"
      value={props.value}
      onChange={props.onChange}
      error={props.problem.of("allowed_ips")}
    />
  );
}
