import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { blocks } from "@/journal/blocks";

import { Change } from "./Change";
import classes from "./Content.module.css";
import { DataView } from "./DataView";
import { Icon } from "./Icon";
import { plain } from "./format";

const LONG = 16;

/** What a model wrote, as text, code and data. Nothing of it becomes markup. */
export function Content({ text, open = false }: { text: string; open?: boolean }) {
  const parts = useMemo(() => blocks(text), [text]);
  return (
    <div className={classes.content}>
      {parts.map((part, index) => {
        const key = `${part.kind}${index}`;
        if (part.kind === "data") return <DataView key={key} value={part.value} />;
        if (part.kind === "change") return <Change key={key} path={part.path} lines={part.lines} most={open ? part.lines.length : LONG} />;
        if (part.kind === "text") return <Prose key={key} text={part.text} open={open} />;
        return <Code key={key} text={part.text} title={part.path || part.language} open={open} />;
      })}
    </div>
  );
}

function Prose({ text, open }: { text: string; open: boolean }) {
  const [shown, more] = useClipped(text, open, 40);
  return (
    <>
      <p className={classes.prose} dir="auto">
        {shown}
      </p>
      {more}
    </>
  );
}

/** Code as it is, its first lines at once and the rest on demand. */
export function Code({ text, title, open = false }: { text: string; title?: string; open?: boolean }) {
  const { t } = useTranslation();
  const [shown, more] = useClipped(text, open, LONG);
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>
        <bdi>{plain(title || t("run.code"))}</bdi>
        <span>{t("common.lines", { count: text.split("\n").length })}</span>
        <Copy text={text} />
      </figcaption>
      <pre className={classes.code} dir="ltr" tabIndex={0}>
        <code>{shown}</code>
      </pre>
      {more}
    </figure>
  );
}

function useClipped(text: string, open: boolean, most: number) {
  const { t } = useTranslation();
  const [all, setAll] = useState(open);
  const clean = useMemo(() => plain(text), [text]);
  const lines = clean.split("\n");
  const long = lines.length > most + 4 || clean.length > 6000;
  const shown = !long || all ? clean : lines.slice(0, most).join("\n").slice(0, 6000);
  const more = long && (
    <button type="button" className={classes.more} aria-expanded={all} onClick={() => setAll(!all)}>
      {all ? t("common.showLess") : `${t("common.showAll")} (${t("common.lines", { count: lines.length })})`}
    </button>
  );
  return [shown, more] as const;
}

export function Copy({ text }: { text: string }) {
  const { t } = useTranslation();
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return (
    <button type="button" className={classes.copy} onClick={() => void copy()} aria-label={t("run.copyCode")}>
      {done ? <Icon name="check" size={14} /> : null}
      {t(done ? "shell.copied" : "shell.copy")}
    </button>
  );
}
