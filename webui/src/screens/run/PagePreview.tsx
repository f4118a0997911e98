import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { usePreview } from "@/api/queries";
import { ErrorNote } from "@/ui/ErrorNote";
import { Empty } from "@/ui/Tone";

import classes from "./Files.module.css";

/** The product's own page: from another origin, in a frame that may run scripts and reach nothing else. */
export function PagePreview({ run, commit }: { run: string; commit: string }) {
  const { t } = useTranslation();
  const { data, error } = usePreview(run, commit, true);
  const [chosen, setChosen] = useState("");
  const pages = data?.pages ?? [];
  const page = pages.includes(chosen) ? chosen : (pages.find((one) => /(^|\/)index\.html?$/.test(one)) ?? pages[0] ?? "");
  if (error) return <ErrorNote error={error} />;
  if (data && pages.length === 0) return <Empty icon="globe">{t("run.files.noPreview")}</Empty>;
  if (!data) return <Empty icon="clock">{t("shell.loading")}</Empty>;
  return (
    <div className={classes.preview}>
      {pages.length > 1 && (
        <NativeSelect size="xs" aria-label={t("run.files.pages")} value={page} data={pages} onChange={(event) => setChosen(event.currentTarget.value)} />
      )}
      <iframe className={classes.frame} title={t("run.files.preview")} sandbox="allow-scripts" referrerPolicy="no-referrer" src={data.url + page} />
    </div>
  );
}
