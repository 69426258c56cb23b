import { useState } from "react";
import { type UrlFault, urlFault } from "../../lib/targetUrl.ts";
import { TextInput } from "../../ui/Field.tsx";
import { useWords } from "../../words/index.ts";

/** Name and URL of an endpoint; a URL is checked once the field was left. */
export function NameAndUrl(props: {
  name: string;
  url: string;
  onName: (name: string) => void;
  onUrl: (url: string) => void;
  of: (path: string) => string | undefined;
  plainHttp: boolean;
  autoFocus?: boolean;
}) {
  const texts = useWords().endpoints.form;
  const [left, setLeft] = useState(false);
  const said: Record<UrlFault, string> = {
    http: texts.urlHttp,
    hostless: texts.urlHostless,
    user: texts.urlUser,
    fragment: texts.urlFragment,
    port: texts.urlPort,
  };
  const fault = left && props.url.trim() !== "" ? urlFault(props.url, props.plainHttp) : null;
  return (
    <>
      <TextInput
        label={texts.name}
        name="name"
        value={props.name}
        onChange={props.onName}
        hint={texts.nameHint}
        error={props.of("name")}
        required
        autoFocus={props.autoFocus ?? false}
      />
      <TextInput
        label={texts.url}
        name="url"
        type="url"
        code
        value={props.url}
        onChange={props.onUrl}
        onBlur={() => setLeft(true)}
        hint={texts.urlHint}
        placeholder="https://"
        error={props.of("url") ?? (fault ? said[fault] : undefined)}
        required
      />
    </>
  );
}
