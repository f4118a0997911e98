import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useCommits, useDiff } from "@/api/queries";
import { ErrorNote } from "@/ui/ErrorNote";
import { Patch } from "@/ui/Patch";
import { Empty } from "@/ui/Tone";
import { oneLine } from "@/ui/format";

import classes from "./Files.module.css";
import { phaseTitle } from "./titles";
import type { View } from "./useMoment";

/** What changed up to this moment: by phase and by author. */
export function Changes({ view }: { view: View }) {
  const { t } = useTranslation();
  const seq = view.at ?? view.last;
  const commits = useCommits(view.run, view.last).data?.commits ?? [];
  const until = commits.filter((commit) => commit.seq <= seq && commit.author);
  const phases = [...new Set(until.map((commit) => commit.phase))];
  const authors = [...new Set(until.map((commit) => commit.author))];
  const [phase, setPhase] = useState<string>();
  const [author, setAuthor] = useState("");
  const asked = phase ?? phases.at(-1) ?? "";
  const params: Record<string, string> | undefined = asked ? { phase: asked } : author ? { author } : undefined;
  const diff = useDiff(view.run, params ?? {}, params !== undefined);
  const known = new Set(until.map((commit) => commit.commit));
  const parts = (diff.data?.parts ?? []).filter((part) => known.has(part.commit) && (!author || part.author === author));
  return (
    <>
      <div className={classes.bar}>
        <NativeSelect
          size="xs"
          aria-label={t("run.files.byPhase")}
          value={asked}
          onChange={(event) => setPhase(event.currentTarget.value)}
          data={[
            ...(author ? [{ value: "", label: t("run.files.everything") }] : []),
            ...phases.map((name) => ({ value: name, label: phaseTitle(view.moment, name) })),
          ]}
        />
        <NativeSelect
          size="xs"
          aria-label={t("run.files.byAuthor")}
          value={author}
          onChange={(event) => setAuthor(event.currentTarget.value)}
          data={[{ value: "", label: t("run.files.everyone") }, ...authors.map((name) => ({ value: name, label: oneLine(name, 40) }))]}
        />
      </div>
      <div className={classes.changes}>
        <ErrorNote error={diff.error} />
        {parts.length === 0 && !diff.isFetching && <Empty icon="file">{t("run.files.noChanges")}</Empty>}
        {parts.map((part) => (
          <section key={part.commit}>
            <h2 className={classes.part}>
              {phaseTitle(view.moment, part.phase)} <small>{t("run.files.by", { author: oneLine(part.author, 40) })} · {part.commit.slice(0, 7)}</small>
            </h2>
            <Patch patch={part.patch} />
          </section>
        ))}
      </div>
    </>
  );
}
