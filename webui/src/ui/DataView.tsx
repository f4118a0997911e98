import { useTranslation } from "react-i18next";

import { Badge } from "./Tone";
import classes from "./Content.module.css";
import { plain } from "./format";

/** Deeper than this, data is shown as one line. */
const DEEPEST = 5;
/** Longer lists are cut. */
const MOST = 200;

/** Data that a model wrote, readable: no braces, lists as lists, yes and no as such. */
export function DataView({ value, depth = 0 }: { value: unknown; depth?: number }) {
  if (typeof value !== "object" || value === null || depth >= DEEPEST) return <Scalar value={value} />;
  if (Array.isArray(value)) return <ListView items={value} depth={depth} />;
  const fields = Object.entries(value).filter(([, inner]) => !empty(inner));
  return (
    <dl className={classes.data}>
      {fields.slice(0, MOST).map(([name, inner]) => (
        <Field key={name} name={name} value={inner} depth={depth} />
      ))}
      {fields.length > MOST && <dt>… {fields.length - MOST}</dt>}
    </dl>
  );
}

function Field({ name, value, depth }: { name: string; value: unknown; depth: number }) {
  return (
    <>
      <dt>{plain(name.replaceAll("_", " "))}</dt>
      <dd>
        <DataView value={value} depth={depth + 1} />
      </dd>
    </>
  );
}

function ListView({ items, depth }: { items: readonly unknown[]; depth: number }) {
  if (items.every((item) => typeof item !== "object" || item === null) && items.join("").length < 90) {
    return <>{items.map((item) => plain(String(item))).join(", ")}</>;
  }
  return (
    <ul className={classes.list}>
      {items.slice(0, MOST).map((item, index) => (
        <li key={`${index}`} className={classes.item}>
          <Entry item={item} depth={depth} />
        </li>
      ))}
      {items.length > MOST && <li>… {items.length - MOST}</li>}
    </ul>
  );
}

/** An item of a list: what names it first, then the rest. */
function Entry({ item, depth }: { item: unknown; depth: number }) {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return <DataView value={item} depth={depth + 1} />;
  const fields = Object.entries(item).filter(([, inner]) => !empty(inner));
  const named = fields.find(([name]) => ["id", "path", "name", "file"].includes(name));
  const said = fields.find(([name]) => ["text", "purpose", "what", "message"].includes(name));
  const rest = Object.fromEntries(fields.filter((field) => field !== named && field !== said));
  return (
    <>
      {named && <span className={classes.key}>{plain(String(named[1]))} </span>}
      {said && <bdi>{plain(String(said[1]))}</bdi>}
      {Object.keys(rest).length > 0 && <DataView value={rest} depth={depth + 1} />}
    </>
  );
}

function Scalar({ value }: { value: unknown }) {
  const { t } = useTranslation();
  if (typeof value === "boolean") {
    return (
      <Badge tone={value ? "good" : "warn"} icon={value ? "check" : "cross"}>
        {t(value ? "common.yes" : "common.no")}
      </Badge>
    );
  }
  return <>{plain(typeof value === "string" ? value : written(value))}</>;
}

/** Data as JSON; what is nested too deep even for that, as its beginning. */
function written(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "[…";
  }
}

function empty(value: unknown): boolean {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}
