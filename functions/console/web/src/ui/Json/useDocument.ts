import { useEffect, useMemo, useState } from "react";
import type { IndexResult, JsonFault } from "../../lib/jsonIndex.ts";
import type { JsonDocument } from "../../lib/jsonTree.ts";
import { type JsonReader, readHere, readInWorker } from "./reader.ts";

export type Reading =
  | { readonly kind: "reading" }
  | { readonly kind: "failed" }
  | { readonly kind: "json"; readonly reader: JsonReader; readonly json: JsonDocument }
  | { readonly kind: "broken"; readonly reader: JsonReader; readonly fault: JsonFault };

function readingOf(text: string, reader: JsonReader, result: IndexResult): Reading {
  return result.ok
    ? { kind: "json", reader, json: { text, index: result.index } }
    : { kind: "broken", reader, fault: result.fault };
}

const READING: Reading = { kind: "reading" };

/** Reads a text, a long one in a worker that ends with the viewer or with another text. */
export function useDocument(text: string): Reading {
  const here = useMemo(() => {
    const read = readHere(text);
    return read === undefined ? undefined : readingOf(text, read.reader, read.result);
  }, [text]);
  const [late, setLate] = useState<{ text: string; reading: Reading }>();
  const isHere = here !== undefined;

  useEffect(() => {
    if (isHere) return;
    const reader = readInWorker(text);
    let wanted = true;
    const show = (reading: Reading) => wanted && setLate({ text, reading });
    reader.load().then(
      (result) => show(readingOf(text, reader, result)),
      () => show({ kind: "failed" }),
    );
    return () => {
      wanted = false;
      reader.close();
      setLate(undefined);
    };
  }, [text, isHere]);

  return here ?? (late?.text === text ? late.reading : READING);
}
