import classes from "./ui.module.css";

/** Dark enough for white letters. */
const COLOURS = ["#0b6477", "#6d2391", "#8a4b08", "#1f5fa8", "#9c2450", "#2f6b1f", "#4a4fa3", "#7a5c00", "#a03a1c", "#00665c"];

export function colourOf(name: string): string {
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
  return COLOURS[hash % COLOURS.length] as string;
}

/** A colour for each of those who sit together: no two of the first ten have the same. */
export function colourAt(place: number): string {
  return COLOURS[Math.max(0, place) % COLOURS.length] as string;
}

/** The first letters of a name. */
export function lettersOf(title: string): string {
  const words = title.split(/[\s_-]+/u).filter(Boolean);
  const letters = /[^\u0000-\u024f]/.test(title) ? [...title].slice(0, 2) : words.slice(0, 2).map((word) => [...word][0]);
  return letters.join("").toUpperCase();
}

interface Props {
  readonly name: string;
  readonly title: string;
  readonly colour?: string | undefined;
}

/** The first letters of a role's name, always in the same colour. */
export function Avatar({ name, title, colour }: Props) {
  return (
    <span className={classes.avatar} style={{ background: colour ?? colourOf(name) }} aria-hidden="true">
      {lettersOf(title || name)}
    </span>
  );
}
