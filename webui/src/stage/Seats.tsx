import { useTranslation } from "react-i18next";

import { colourOf, lettersOf } from "@/ui/Avatar";
import { oneLine } from "@/ui/format";

import type { Seat } from "./seating";
import classes from "./Seats.module.css";

const WIDTH = 520;
const HEIGHT = 330;
/** An open hand, on a grid of 24. */
const HAND = "M7 13V6.5a1.5 1.5 0 0 1 3 0V4.5a1.5 1.5 0 0 1 3 0v1a1.5 1.5 0 0 1 3 0v2a1.5 1.5 0 0 1 3 0V15a6 6 0 0 1-6 6h-1c-2.5 0-4-1-5.2-3L4 14.5a1.4 1.4 0 0 1 2.2-1.6z";
/** So many have room at one table; for more the table grows. */
const TABLE = 10;
/** Points of the oval that seats are put at. */
const STEPS = 360;
const ROOM = { width: 88, height: 96 };

interface Props {
  readonly seats: readonly Seat[];
  readonly speaker: string;
  readonly hearers: readonly string[];
}

interface Placed extends Seat {
  readonly x: number;
  readonly y: number;
}

interface Drawn {
  readonly seats: readonly Placed[];
  readonly width: number;
  readonly height: number;
}

/** Seats around a table, or by the places they are at; lines lead from the one who speaks to those who hear it. */
export function Seats({ seats, speaker, hearers }: Props) {
  const { t } = useTranslation();
  const places = seats.some((seat) => seat.place);
  const { seats: placed, width, height } = places ? byPlace(seats) : around(seats);
  const from = placed.find((seat) => seat.seat === speaker);
  const to = from ? placed.filter((seat) => hearers.includes(seat.seat)) : [];
  const said = [from && t("run.stage.speaks", { who: from.title }), ...to.map((seat) => t("run.stage.hears", { who: seat.title }))];
  const up = placed.filter((seat) => seat.hand).map((seat) => t("run.stage.raises", { who: seat.title }));
  return (
    <svg className={classes.stage} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={[...said, ...up].filter(Boolean).join(". ") || t("run.stage.table")}>
      <defs>
        <marker id="heard" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0 8 4 0 8z" className={classes.arrow} />
        </marker>
      </defs>
      {!places && <ellipse cx={width / 2} cy={height / 2} rx={width * 0.23} ry={height * 0.19} className={classes.table} />}
      {[...new Set(placed.flatMap((seat) => (seat.place ? [seat.place] : [])))].map((place) => (
        <Place key={place} name={place} seats={placed.filter((seat) => seat.place === place)} />
      ))}
      {from && to.map((one) => <Heard key={one.seat} from={from} to={one} />)}
      {placed.map((seat) => (
        <Person key={seat.seat} seat={seat} speaks={seat.seat === speaker} hears={hearers.includes(seat.seat)} />
      ))}
    </svg>
  );
}

/** Around an oval table, equally far from one to the next. */
function around(seats: readonly Seat[]): Drawn {
  const scale = Math.max(1, seats.length / TABLE);
  const [width, height] = [WIDTH * scale, (seats.length > 6 ? 1.25 : 1) * HEIGHT * scale];
  const oval = Array.from({ length: STEPS }, (_, step) => {
    const angle = Math.PI + (2 * Math.PI * step) / STEPS;
    return { x: width / 2 + Math.cos(angle) * (width / 2 - 92), y: height / 2 + Math.sin(angle) * (height / 2 - 62) - 8 };
  });
  const walked: number[] = [0];
  oval.forEach((point, step) => {
    const next = oval[(step + 1) % STEPS] ?? point;
    walked.push((walked.at(-1) ?? 0) + Math.hypot(next.x - point.x, next.y - point.y));
  });
  const far = walked.at(-1) ?? 0;
  const placed = seats.map((seat, index) => {
    const step = walked.findIndex((way) => way >= (far * index) / seats.length);
    return { ...seat, ...(oval[step] ?? { x: 0, y: 0 }) };
  });
  return { seats: placed, width, height };
}

/** One cell for each place, all of the same size, with its seats in rows. */
function byPlace(seats: readonly Seat[]): Drawn {
  const places = [...Map.groupBy(seats, (seat) => seat.place ?? "")];
  const columns = Math.ceil(Math.sqrt(places.length));
  const most = Math.max(...places.map(([, here]) => here.length));
  const wide = Math.ceil(Math.sqrt(most));
  const cell = { width: Math.max(wide * ROOM.width, WIDTH / columns), height: Math.ceil(most / wide) * ROOM.height + 56 };
  const placed = places.flatMap(([, here], index) => {
    const [left, top] = [(index % columns) * cell.width, Math.floor(index / columns) * cell.height];
    return here.map((seat, number) => {
      const row = Math.floor(number / wide);
      const beside = Math.min(wide, here.length - row * wide);
      return { ...seat, x: left + (((number % wide) + 0.5) * cell.width) / beside, y: top + 68 + row * ROOM.height };
    });
  });
  return { seats: placed, width: cell.width * columns, height: cell.height * Math.ceil(places.length / columns) };
}

function Place({ name, seats }: { name: string; seats: readonly Placed[] }) {
  const first = seats.filter((seat) => seat.y === seats[0]?.y);
  const x = first.reduce((sum, seat) => sum + seat.x, 0) / Math.max(1, first.length);
  return (
    <text x={x} y={(seats[0]?.y ?? 0) - 46} className={classes.place}>
      {oneLine(name, 30)}
    </text>
  );
}

function Heard({ from, to }: { from: Placed; to: Placed }) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  return (
    <line x1={from.x + ux * 30} y1={from.y + uy * 30} x2={to.x - ux * 32} y2={to.y - uy * 32} className={classes.heard} markerEnd="url(#heard)" />
  );
}

function Person({ seat, speaks, hears }: { seat: Placed; speaks: boolean; hears: boolean }) {
  const told = [plainName(seat.seat) === plainName(seat.title) ? "" : oneLine(seat.seat, 26), seat.score ?? ""];
  return (
    <g transform={`translate(${seat.x} ${seat.y})`} data-speaks={speaks} data-hears={hears} className={seat.out ? classes.out : undefined}>
      {speaks && <circle r={30} className={classes.speaking} />}
      {seat.group && <circle r={27} fill="none" stroke={colourOf(seat.group)} strokeWidth={3} strokeDasharray="4 3" />}
      <circle r={23} fill={seat.colour ?? colourOf(seat.role || seat.seat)} />
      <text y={5} className={classes.letters}>
        {lettersOf(seat.title || seat.seat)}
      </text>
      {seat.hand && (
        <g transform="translate(12 -40)" className={classes.hand}>
          <path d={HAND} />
        </g>
      )}
      <text y={42} className={classes.title}>
        {oneLine(seat.title, 26)}
      </text>
      <text y={56} className={classes.seat}>
        {told.filter((one) => one !== "").join(" · ")}
      </text>
    </g>
  );
}

/** A name without what sets an id apart from a title. */
function plainName(name: string): string {
  return name.toLowerCase().replaceAll("_", " ");
}
