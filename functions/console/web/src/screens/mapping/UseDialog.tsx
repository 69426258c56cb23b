import { useMemo, useState } from "react";
import { plainText } from "../../lib/foreign.ts";
import { offersFor, type PathOffer } from "../../lib/jsonPath.ts";
import { keyOf, scalarText } from "../../lib/jsonTree.ts";
import type { Field, Transform } from "../../lib/mappingDraft.ts";
import { proposed } from "../../lib/propose.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import type { Picked } from "../../ui/Json/Json.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { Radios } from "../../ui/Radios.tsx";
import { Combo } from "../../ui/Select.tsx";
import { useWords } from "../../words/index.ts";
import { shown } from "./Entity.tsx";
import styles from "./Mapping.module.css";
import type { PreviewRequest } from "./sample.ts";
import { useTransformName } from "./Transforms.tsx";
import { bestTarget, byFit, type Target, useTargets } from "./targets.ts";
import { usePreview } from "./usePreview.ts";

/** A value that was clicked: in the tree, or in the list of paths. */
export interface PickedValue {
  readonly key: string;
  readonly value: string;
  readonly offers: readonly PathOffer[];
}

export function pickedInTree({ json, node }: Picked): PickedValue {
  const offers = offersFor(json, node);
  return { key: keyOf(json, node) ?? "", value: scalarText(json, node), offers: shorter(offers) };
}

export function pickedPath(path: string, value: unknown): PickedValue {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const key = path.match(/([^.'"[\]]+)['"]?\]?$/)?.[1] ?? "";
  return { key, value: text, offers: [{ kind: "this", path, finds: 1, values: [text] }] };
}

/** A path longer than the API takes is not offered, unless it is the only one. */
function shorter(offers: readonly PathOffer[]): readonly PathOffer[] {
  const short = offers.filter((offer) => offer.path.length <= 512);
  return short.length > 0 ? short : offers;
}

const KEY_TARGET = "key";

/** Asks which value a click means and which field takes it, with the transforms that it needs. */
export function UseDialog(props: {
  picked: PickedValue;
  /** The target for which the value is being chosen. */
  target: string | undefined;
  taken: ReadonlySet<string>;
  integration: string;
  requestFor: (field: Field) => PreviewRequest | undefined;
  onUse: (field: Field) => void;
  onKey: ((path: string) => void) | undefined;
  onClose: () => void;
}) {
  const { picked } = props;
  const { mapping: words } = useWords();
  const targets = useTargets();
  const sorted = useMemo(() => byFit(targets, picked.key, picked.value), [targets, picked]);
  const [path, setPath] = useState(picked.offers[0]?.path ?? "");
  const first = bestTarget(sorted, picked.key, picked.value, props.taken);
  const [chosen, setChosen] = useState<string>();
  const targetId = chosen ?? props.target ?? first?.id ?? "";
  const target = targets.find((one) => one.id === targetId);
  const transforms = target === undefined ? [] : proposed(target.kind, picked.value);
  const field: Field = { target: targetId, path, ...(transforms.length > 0 ? { transforms } : {}) };
  const isKey = targetId === KEY_TARGET;

  const options = [
    ...sorted.map((one) => ({
      id: one.id,
      label: words.target(words.entities[one.entity], one.label),
    })),
    ...(props.onKey ? [{ id: KEY_TARGET, label: words.key }] : []),
  ];
  function use() {
    if (isKey) props.onKey?.(path);
    else props.onUse(field);
  }
  return (
    <Dialog
      title={words.use.title}
      onClose={props.onClose}
      dismissable
      footer={
        <Button kind="primary" onPress={use}>
          {words.use.apply}
        </Button>
      }
    >
      <p className={styles.pickedValue}>
        <bdi>{plainText(picked.value, 300)}</bdi>
      </p>
      {picked.offers.length > 1 && (
        <Radios
          label={words.use.which}
          name="path"
          value={path}
          onChange={setPath}
          options={picked.offers.map((offer) => ({ id: offer.path, ...offerWords(offer, words) }))}
        />
      )}
      {picked.offers.length === 1 && (
        <code className={styles.onlyPath}>{plainText(path, 512)}</code>
      )}
      <Combo
        key={sorted.length}
        label={words.use.target}
        name="target"
        required
        options={options}
        value={targetId}
        onChange={setChosen}
      />
      {props.taken.has(targetId) && targetId !== props.target && (
        <Banner tone="plain">{words.use.duplicate}</Banner>
      )}
      {!isKey && (
        <Becomes
          {...props}
          target={target}
          field={field}
          transforms={transforms}
          value={picked.value}
        />
      )}
    </Dialog>
  );
}

type MappingWords = ReturnType<typeof useWords>["mapping"];

function offerWords(offer: PathOffer, words: MappingWords): { label: string; about: string } {
  const found = offer.values.map((value) => plainText(value, 40)).join(" · ");
  const about = `${plainText(offer.path, 512)}\n${words.use.finds(offer.finds)}: ${found}`;
  const { kinds } = words.use;
  if (offer.kind === "where")
    return { label: kinds.where(offer.name ?? "", plainText(offer.equals ?? "", 60)), about };
  if (offer.kind === "all") return { label: kinds.all, about };
  return { label: offer.index === undefined ? kinds.this : kinds.thisOf(offer.index + 1), about };
}

/** The proposed transforms, and the value before and after them as the gateway says. */
function Becomes(props: {
  target: Target | undefined;
  field: Field;
  transforms: readonly Transform[];
  value: string;
  integration: string;
  requestFor: (field: Field) => PreviewRequest | undefined;
}) {
  const { mapping: words } = useWords();
  const name = useTransformName();
  const preview = usePreview(props.integration, props.requestFor(props.field));
  const step = preview.data?.trace[0];
  const problem = preview.data?.problems[0] ?? preview.data?.warnings[0];
  const isOf = step?.path === props.field.path && step?.target === props.field.target;
  const after = isOf && !preview.isFetching ? shown(step?.result) : words.use.waiting;
  return (
    <div className={styles.becomes}>
      <p className={styles.label}>{words.use.transforms}</p>
      <p>
        {props.transforms.length === 0
          ? words.use.noTransforms
          : props.transforms.map(name).join(" → ")}
      </p>
      <dl className={styles.pair}>
        <dt>{words.use.before}</dt>
        <dd>
          <bdi>{plainText(props.value, 120)}</bdi>
        </dd>
        <dt>{words.use.after}</dt>
        <dd>
          <bdi>{plainText(after, 120)}</bdi>
        </dd>
      </dl>
      {isOf && !preview.isFetching && problem && <Banner tone="wait">{problem.message}</Banner>}
    </div>
  );
}
