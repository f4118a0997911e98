/** The page's icons: strokes on a grid of 24. They say nothing to screen readers; what they stand for is in words. */
const PATHS = {
  home: "M4 11 12 4l8 7v9h-5v-6H9v6H4z",
  company: "M6 4h5v5H6zM13 15h5v5h-5zM8.5 9v4a2 2 0 0 0 2 2h5",
  models: "M5 5h14v6H5zM5 13h14v6H5zM8 8h.01M8 16h.01M12 8h4M12 16h4",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  compare: "M8 4v16M16 4v16M4 8h4M16 12h4M4 14h4",
  play: "M7 5v14l12-7z",
  pause: "M8 5v14M16 5v14",
  stop: "M6 6h12v12H6z",
  resume: "M6 5v14l9-7zM18 5v14",
  fork: "M7 4v16M7 12c0-4 9-2 9-7M16 5h.01",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  check: "M5 13l4 4L19 7",
  cross: "M6 6l12 12M18 6 6 18",
  skip: "M5 12h14M13 6l6 6-6 6",
  clock: "M12 7v5l3 2M12 3a9 9 0 1 0 .01 0z",
  person: "M12 4a4 4 0 1 0 .01 0zM4 20c1-5 15-5 16 0",
  sun: "M12 8a4 4 0 1 0 .01 0zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5 19 19M19 5l-1.5 1.5M6.5 17.5 5 19",
  moon: "M20 14A8 8 0 1 1 10 4a7 7 0 0 0 10 10z",
  globe: "M12 3a9 9 0 1 0 .01 0zM3 12h18M12 3c4 5 4 13 0 18M12 3c-4 5-4 13 0 18",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  folder: "M3 6h6l2 2h10v11H3z",
  warn: "M12 4 2.5 20h19zM12 10v4M12 17h.01",
  chat: "M4 5h16v11H10l-5 4v-4H4z",
  send: "M4 12 20 4l-5 16-4-6z",
  undo: "M8 5 4 9l4 4M4 9h9a6 6 0 0 1 0 11h-3",
  redo: "M16 5l4 4-4 4M20 9h-9a6 6 0 0 0 0 11h3",
  plus: "M12 5v14M5 12h14",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  first: "M6 5v14M18 5l-9 7 9 7z",
  last: "M18 5v14M6 5l9 7-9 7z",
  eye: "M2 12c4-8 16-8 20 0-4 8-16 8-20 0zM12 9a3 3 0 1 0 .01 0z",
  search: "M10 4a6 6 0 1 0 .01 0zM15 15l5 5",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  bell: "M6 17V11a6 6 0 0 1 12 0v6l2 1H4zM10 20h4",
  gear: "M12 9a3 3 0 1 0 .01 0zM12 3v3M12 18v3M3 12h3M18 12h3M6 6l2 2M16 16l2 2M18 6l-2 2M8 16l-2 2",
  bubble: "M4 6h16v9H9l-5 4z",
  terminal: "M4 5h16v14H4zM7 9l3 3-3 3M12 15h5",
  link: "M9 15l6-6M8 11l-3 3a3.5 3.5 0 0 0 5 5l3-3M16 13l3-3a3.5 3.5 0 0 0-5-5l-3 3",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
