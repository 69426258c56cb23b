// One path each on a grid of 16, drawn with strokes of the text's colour, so that forced colours keep them.
const PATHS = {
  check: "M3.5 8.5l3 3 6-7",
  cross: "M4 4l8 8M12 4l-8 8",
  clock: "M8 4.5V8l2.5 1.5",
  retry: "M12.5 8a4.5 4.5 0 1 1-1.4-3.2M12.5 2.5v3h-3",
  pause: "M6 4.5v7M10 4.5v7",
  ban: "M4.2 4.2l7.6 7.6",
  dots: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  down: "M4 6l4 4 4-4",
  up: "M4 10l4-4 4 4",
  left: "M10 4L6 8l4 4",
  right: "M6 4l4 4-4 4",
  search: "M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM10.8 10.8L14 14",
  calendar: "M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2v3M10.5 2v3",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  link: "M6.5 9.5l3-3M7 5l1.8-1.8a2.8 2.8 0 0 1 4 4L11 9M9 11l-1.8 1.8a2.8 2.8 0 0 1-4-4L5 7",
  open: "M9 3h4v4M13 3L7.5 8.5M11 9.5V13H3V5h3.5",
  plus: "M8 3v10M3 8h10",
  send: "M2.5 8L13.5 3 10 13.5 7.5 9z",
  download: "M8 2.5v8M4.5 7.5L8 11l3.5-3.5M3 13.5h10",
  code: "M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5",
  bell: "M4 11V7a4 4 0 0 1 8 0v4l1 1H3zM6.8 14h2.4",
  warning: "M8 2.5l6 11H2zM8 6.5v3.2M8 11.6h.01",
  info: "M8 7.2v4M8 4.8h.01",
  list: "M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01",
  gear: "M2.5 5h6M12 5h1.5M2.5 11H4M7.5 11h6M10.2 3.2v3.6M5.8 9.2v3.6",
  trash: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 9h5.8l.6-9",
  play: "M5 3.5v9l7.5-4.5z",
  edit: "M3 13l.6-2.6 7.2-7.2 2 2-7.2 7.2z",
  home: "M2 8l6-5 6 5M4 6.8V13h8V6.8",
  layers: "M8 2.5l6 3-6 3-6-3zM2 9.5l6 3 6-3",
  branch: "M2.5 4.5h10M10.5 2.5l2 2-2 2M2.5 4.5c4.5 0 2.5 7 7 7h3M10.5 9.5l2 2-2 2",
  globe: "M2.5 8h11M8 2.3c3.4 3.2 3.4 8.2 0 11.4M8 2.3c-3.4 3.2-3.4 8.2 0 11.4",
  tag: "M8.5 2.5h5v5l-6 6-5-5zM10.8 5.2h.01",
  drag: "M6 4h.01M6 8h.01M6 12h.01M10 4h.01M10 8h.01M10 12h.01",
} as const;

export type IconName = keyof typeof PATHS;

/** Icons that stand in a circle. */
const CIRCLED: readonly IconName[] = ["clock", "ban", "info", "globe"];

/** A sign beside a word. It has no name of its own: the word or the button names it. */
export function Icon(props: { name: IconName; size?: number }) {
  const size = props.size ?? 16;
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={props.name === "dots" || props.name === "drag" ? 2.2 : 1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {CIRCLED.includes(props.name) && <circle cx="8" cy="8" r="5.75" />}
      <path d={PATHS[props.name]} />
    </svg>
  );
}
