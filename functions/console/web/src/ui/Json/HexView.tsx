import { HEX_WIDTH, hexRow } from "../../lib/hex.ts";
import { cx } from "../cx.ts";
import styles from "./TextView.module.css";
import { ScrollBox } from "./TextView.tsx";
import { useVirtual } from "./useVirtual.ts";

/** Bytes as digits and letters. */
export function HexView(props: { bytes: Uint8Array; label: string }) {
  const virtual = useVirtual(Math.ceil(props.bytes.length / HEX_WIDTH), 20);
  const rows = [];
  for (let at = virtual.first; at < virtual.last; at += 1) {
    const row = hexRow(props.bytes, at);
    rows.push(
      <div
        key={at}
        className={cx(styles.row, styles.bytes)}
      >{`${row.place}   ${row.hex}  ${row.text}`}</div>,
    );
  }
  return (
    <ScrollBox virtual={virtual} label={props.label}>
      {rows}
    </ScrollBox>
  );
}
