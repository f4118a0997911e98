import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useTree } from "@/api/queries";
import { ErrorNote } from "@/ui/ErrorNote";
import { Empty } from "@/ui/Tone";

import { Changes } from "./Changes";
import { FileText } from "./FileText";
import { FileTree } from "./FileTree";
import classes from "./Files.module.css";
import { PagePreview } from "./PagePreview";
import type { View } from "./useMoment";

type Shown = "file" | "changes" | "pages";

/** The workspace as it stood at this moment. */
export default function FilesPanel({ view }: { view: View }) {
  const { t } = useTranslation();
  const { moment } = view;
  const [shown, setShown] = useState<Shown>("file");
  const [chosen, setChosen] = useState("");
  const tree = useTree(view.run, moment.commit);
  const files = tree.data?.files ?? [];
  const path = files.some((file) => file.path === chosen) ? chosen : (files[0]?.path ?? "");
  if (moment.commit === "" || (tree.data && files.length === 0 && moment.files.size === 0)) {
    return <Empty icon="folder">{t("run.files.none")}</Empty>;
  }
  return (
    <div className={classes.panel}>
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          aria-label={t("run.files.title")}
          value={shown}
          onChange={(value) => setShown(value as Shown)}
          data={[
            { value: "file", label: t("run.files.file") },
            { value: "changes", label: t("run.files.changes") },
            { value: "pages", label: t("run.files.pages") },
          ]}
        />
        <span className={classes.commit}>{t("run.files.at", { commit: moment.commit.slice(0, 7) })}</span>
      </div>
      <ErrorNote error={tree.data ? undefined : tree.error} retry={() => void tree.refetch()} />
      {shown === "file" && (
        <div className={classes.split}>
          <FileTree files={files} changed={moment.files} chosen={path} choose={setChosen} />
          <FileText run={view.run} commit={tree.data?.commit ?? ""} path={path} />
        </div>
      )}
      {shown === "changes" && <Changes view={view} />}
      {shown === "pages" && <PagePreview run={view.run} commit={tree.data?.commit ?? ""} />}
    </div>
  );
}
