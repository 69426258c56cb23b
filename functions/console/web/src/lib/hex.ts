/** Bytes in one row of the view. */
export const HEX_WIDTH = 16;

/** One row of bytes: its place, the bytes as digits, and as letters where they are such. */
export function hexRow(
  bytes: Uint8Array,
  row: number,
): { place: string; hex: string; text: string } {
  const from = row * HEX_WIDTH;
  const part = [...bytes.subarray(from, from + HEX_WIDTH)];
  const digits = part.map((byte) => byte.toString(16).padStart(2, "0"));
  const text = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·"));
  const [left, right] = [digits.slice(0, 8).join(" "), digits.slice(8).join(" ")];
  return {
    place: from.toString(16).padStart(8, "0"),
    hex: `${left}  ${right}`.padEnd(HEX_WIDTH * 3 + 1),
    text: text.join(""),
  };
}
